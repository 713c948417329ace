// Stands in for the child of runJob: does as the file name of the job says, and never ends by itself.
process.on('disconnect', () => process.exit());
process.on('message', (job: Readonly<{ file: string }>) => {
  if (job.file === 'exits') process.exit(3);
  if (job.file === 'locks' || job.file === 'unlocks') process.send?.({ event: 'locked' });
  if (job.file === 'unlocks') process.send?.({ event: 'unlocked' });
  if (job.file === 'babbles') process.send?.({ event: 'copied', method: 'by hand' });
});
