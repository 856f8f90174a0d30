import { PAGES, type Page } from '../pages.ts';
import { hasRole } from '../state/who.ts';

export type MenuPage = Page & Required<Pick<Page, 'menu'>>;

/** Pages that stand in the menu of whoever is logged in. */
export const menuPages = (): readonly MenuPage[] =>
  PAGES.filter(
    (page): page is MenuPage =>
      page.menu !== undefined && (page.menu.roles === undefined || hasRole(...page.menu.roles)),
  );
