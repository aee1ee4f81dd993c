/**
 * What ncc bundles: both entries in one file, as they share nearly everything. `eager` keeps them in it, and only the
 * one that is called is run.
 */
export const entries = {
  action: () => import(/* webpackMode: "eager" */ '../src/main.ts'),
  terminal: () => import(/* webpackMode: "eager" */ '../src/cli.ts'),
}
