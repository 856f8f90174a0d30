truncate trace.items, trace.notes, trace.parts, trace.payments restart identity;
insert into trace.items values (1, 'anvil', 10.00), (2, 'bolt', 0.25), (3, 'crank', null);
insert into trace.payments values (1, '4111 1111 1111 1111');
