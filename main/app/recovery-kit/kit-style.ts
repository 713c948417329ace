/** Black on white, so that any printer does; sized so that the smaller of A4 and Letter, each way, holds it. */
export const kitStyle = `
@page { margin: 12mm 15mm; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #111; font: 10pt/1.35 system-ui, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 180mm; margin: 0 auto; padding: 8mm 0; }
h1 { font-size: 18pt; margin: 0 0 1.5mm; }
h2 { font-size: 11.5pt; margin: 5mm 0 1.5mm; }
p { margin: 0 0 1.5mm; }
.key { display: flex; gap: 6mm; align-items: center; justify-content: space-between; border: 1.2pt solid #111; border-radius: 2mm; padding: 4mm 5mm; margin: 4mm 0; }
.key h2 { margin-top: 0; }
.groups { max-width: 90mm; font: 600 15pt/1.45 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; letter-spacing: .04em; }
.groups span { display: inline-block; margin-right: .9em; }
figure { margin: 0; text-align: center; flex: none; }
figure svg { width: 32mm; height: 32mm; display: block; }
figcaption, .small, footer { font-size: 8.5pt; color: #333; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: baseline; padding: .6mm 4mm .8mm 0; border-bottom: .4pt solid #bbb; }
th { font-weight: 600; white-space: nowrap; width: 1%; }
td, code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: 8.5pt; overflow-wrap: anywhere; }
ol { margin: 0; padding-left: 6mm; }
li { margin-bottom: 1.8mm; break-inside: avoid; }
pre { margin: 1mm 0; padding: 1.5mm 2.5mm; background: #f1f1f1; white-space: pre-wrap; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
footer { margin-top: 5mm; border-top: .4pt solid #bbb; padding-top: 2mm; }
@media screen { body { background: #e9e9e9; } main { background: #fff; padding: 15mm; max-width: 210mm; margin: 8mm auto; } }
@media print { main { padding: 0; } }
@media screen and (max-width: 600px) { main { padding: 6mm; margin: 0; } .key { flex-direction: column; align-items: flex-start; } }
`;
