/**
 * The console: a web app on the API of the server that it comes from.
 *
 *   app.tsx, pages.ts   the shell, and the pages that it leads to: one folder each in pages/
 *   api/                the API: requests, the answers' types, problems
 *   state/              what all pages share, as signals: who is here, what happens now, theme, clock
 *   components/         parts of pages
 *   text/               words and numbers for people; what others wrote, made visible
 *   styles/             the looks, as plain CSS over the variables of tokens.css
 */
import { render } from 'preact';
import { App } from './app.tsx';
import { takeWayBack } from './state/way-back.ts';

takeWayBack();
render(<App />, document.getElementById('app')!);
