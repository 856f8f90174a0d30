import type { Access, Admission, Budget } from '../proxy/ports.ts';

/**
 * Access whose budgets cut nothing where the database is observed: how many rows and bytes a statement came to stands in
 * its `statement.end`. Who may log in, how often, from where and until when is enforced as ever.
 */
export function observingAccess(access: Access, observed: ReadonlySet<string>): Access {
  return {
    find: (grantId) => access.find(grantId),
    admit: async (ticket, login, end) => {
      const admitted = await access.admit(ticket, login, end);
      return 'error' in admitted || !observed.has(ticket.database) ? admitted : unlimited(admitted);
    },
    broadcastCancel: (processId, secretKey) => access.broadcastCancel(processId, secretKey),
    onCancel: (listener) => access.onCancel(listener),
  };
}

const unlimited = (admission: Admission): Admission => ({
  budget: new UnlimitedBudget(),
  live: () => admission.live(),
  describe: (fields) => admission.describe(fields),
  release: (refund) => admission.release(refund),
});

class UnlimitedBudget implements Budget {
  readonly rowsPerStatement = null;
  rows = Number.POSITIVE_INFINITY;
  bytes = Number.POSITIVE_INFINITY;

  async replenish(): Promise<boolean> {
    return true;
  }

  spendStatements(): boolean {
    return true;
  }

  idle(): void {}
}
