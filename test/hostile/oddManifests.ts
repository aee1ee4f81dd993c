import { type Case, forged } from './hostileProject.ts'

/** Manifests that are right but for one thing: what replaces it, by what it says. */
const ODD_MANIFESTS: Readonly<Record<string, string>> = {
  'whose models are no list': '"models": {}',
  'with fewer than no models besides': '"others": -1',
  'that was loaded in a way of its own': '"loader": "slow"',
  'that may be complete': '"complete": 1',
  'without a gateway': '"gateway": None',
  'without versions': '"versions": {}',
  'with a notice that is a word': '"notices": ["x"]',
  'with more in it': '"extra": 1',
  ...Object.fromEntries(
    Object.entries({
      'without a name': '"fqn": None',
      'with a number for a hash': '"dataHash": 7',
      'in a file of the system': '"path": "/etc/passwd"',
      'in a file that leads out': '"path": "models/../../x.sql"',
      'in a file without a name': '"path": ""',
      'that depends on a word': '"dependsOn": "raw.events"',
      'with a number for a tag': '"tags": [1]',
      'without parts': '"parts": None',
      'with parts of a kind of their own': '"parts": [{**p, "kind": "synced"} for p in m["parts"]]',
      'with parts elsewhere': '"parts": [{**p, "file": "../../x"} for p in m["parts"]]',
      'that reuses versions always': '"reusesVersion": "always"',
      'that rests for no reason': '"restless": [{"name": "x"}]',
      'that is hardly external': '"external": "no"',
      'with a prototype': '"__proto__": {}',
    }).map(([what, fields]) => [
      `of models ${what}`,
      `"models": [{**m, ${fields}} for m in envelope["manifest"]["models"]]`,
    ]),
  ),
}

export const oddManifests: Case[] = Object.entries(ODD_MANIFESTS).map(([what, fields]) => ({
  name: `T13 answers with a manifest ${what}`,
  head: forged(`{**envelope, "manifest": {**envelope["manifest"], ${fields}}}`),
  error: 'protocol',
  says: /of the wrong shape/,
}))
