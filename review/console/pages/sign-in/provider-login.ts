/** Where the identity provider's login begins, as the server wrote it into the page; null: there is none. */
export const PROVIDER_LOGIN: string | null =
  document.querySelector<HTMLMetaElement>('meta[name="postern-oidc"]')?.content || null;
