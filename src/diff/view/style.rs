//! The look of the HTML page.

/// Two columns on a wide screen, one on a narrow one; light or dark as the reader's system is.
pub(super) const STYLE: &str = "
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f6f8fa; --text: #1f2328; --dim: #59636e; --line: #d1d9e0; --link: #0550ae;
  --old: #ffebe9; --old-mark: #ffb3ad; --old-text: #b3261e;
  --new: #e6f6ea; --new-mark: #93dda9; --new-text: #1a7f37;
  --warn: #7d4e00; --warn-page: #fff8c5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --panel: #161b22; --text: #e6edf3; --dim: #9198a1; --line: #30363d; --link: #79b8ff;
    --old: #3c1a1d; --old-mark: #8e2a2f; --old-text: #ff9790;
    --new: #12301c; --new-mark: #1f6b35; --new-text: #6fd98a;
    --warn: #f0c35a; --warn-page: #2e2508;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; display: grid; grid-template-columns: minmax(14rem, 20rem) minmax(0, 1fr);
  background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
}
code, .lines { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
h2 small { font-weight: normal; color: var(--dim); }
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem;
  background: var(--panel); border-right: 1px solid var(--line);
}
nav ul, .risks ul { list-style: none; margin: 0; padding: 0; }
nav li { display: flex; justify-content: space-between; gap: .8rem; padding: .15rem 0; overflow-wrap: anywhere; }
.counts { white-space: nowrap; font-size: .85em; }
.counts .changed { color: var(--text); }
.counts .added { color: var(--new-text); }
.counts .removed { color: var(--old-text); }
main { padding: 1.5rem 2rem 4rem; max-width: 76rem; }
section { margin-bottom: 2.2rem; }
.risks { padding: .9rem 1.1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--warn-page); }
.risks li { padding: .15rem 0; overflow-wrap: anywhere; }
details { margin: 0 0 .7rem; border: 1px solid var(--line); border-radius: 6px; overflow: clip; }
details:target { outline: 2px solid var(--link); }
summary { padding: .45rem .8rem; background: var(--panel); cursor: pointer; overflow-wrap: anywhere; }
summary .sign { font: bold 14px ui-monospace, monospace; }
.added > summary .sign { color: var(--new-text); }
.removed > summary .sign { color: var(--old-text); }
.dim, .cause, .same, .members { color: var(--dim); }
.dim, .cause { font-size: .87em; }
.tag { font-size: .85em; padding: 0 .5em; border: 1px solid var(--line); border-radius: 1em; white-space: nowrap; }
.warn, .risk b { color: var(--warn); }
.risk { margin: 0; padding: .4rem .8rem; background: var(--warn-page); overflow-wrap: anywhere; }
.risk b { font: bold 13px ui-monospace, monospace; }
.field { padding: .5rem .8rem .6rem; border-top: 1px solid var(--line); }
.path { overflow-wrap: anywhere; margin-bottom: .25rem; }
.path code { font-weight: 600; }
.cause::before { content: '· '; }
.same { margin: .2rem 0; }
.members { margin: 0; padding: .5rem .8rem; border-top: 1px solid var(--line); font-size: .87em; }
.members { overflow-wrap: anywhere; }
.lines { border-radius: 4px; overflow: hidden; }
.lines + .lines { margin-top: .5rem; }
details > .lines { border-radius: 0; }
.lines div { display: grid; grid-template-columns: 1.6em minmax(0, 1fr); }
.lines i { font-style: normal; text-align: center; color: var(--dim); user-select: none; }
.lines code { white-space: pre-wrap; overflow-wrap: anywhere; }
.old { background: var(--old); }
.new { background: var(--new); }
.both { background: var(--panel); }
mark { color: inherit; border-radius: 2px; }
.old mark { background: var(--old-mark); }
.new mark { background: var(--new-mark); }
@media (max-width: 50rem) {
  body { display: block; }
  nav { position: static; height: auto; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 1.2rem .8rem 3rem; }
}
@media print { nav { display: none; } body { display: block; } }
";
