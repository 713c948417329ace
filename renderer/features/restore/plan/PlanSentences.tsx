import { Stack, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import {
  type PlanSentence,
  type PlanTable,
  sentenceText,
} from '../../../../shared/lib/restore-plan/sentence.ts';
import { planSentences } from '../../../../shared/lib/restore-plan/plan-sentences.ts';
import type { RestorePlan } from '../../../../shared/model/restore-plan.ts';
import { useMinute } from '../../../ui/text/Moment.tsx';
import { StateShape } from '../../../ui/state/StateShape.tsx';
import { PlanPaths } from './PlanPaths.tsx';
import classes from '../Restore.module.css';

/** A plan in words; behind each number that is a change are its paths. */
export function PlanSentences({ plan }: Readonly<{ plan: RestorePlan }>) {
  const nowMs = useMinute();
  const [shown, setShown] = useState<PlanTable>();
  const isShown = (table: PlanTable | undefined): boolean =>
    table !== undefined && table.source === shown?.source && table.change === shown.change;
  return (
    <ul className={classes['plan']}>
      {planSentences(plan, nowMs).map((sentence) => (
        <li key={sentenceText(sentence)} data-tone={sentence.tone}>
          <Stack gap="xs">
            <Sentence
              sentence={sentence}
              isShown={isShown}
              onShow={(table) => setShown(isShown(table) ? undefined : table)}
            />
            {shown !== undefined && sentence.parts.some(({ table }) => isShown(table)) && (
              <PlanPaths planId={plan.planId} table={shown} />
            )}
          </Stack>
        </li>
      ))}
    </ul>
  );
}

type SentenceProps = Readonly<{
  sentence: PlanSentence;
  isShown: (table: PlanTable | undefined) => boolean;
  onShow: (table: PlanTable) => void;
}>;

function Sentence({ sentence, isShown, onShow }: SentenceProps) {
  return (
    <span className={classes['sentence']}>
      {sentence.tone === 'attention' && <StateShape shape="triangle" severity="attention" size={16} />}
      <span>
        {sentence.parts.map(({ text, table }) =>
          table === undefined ? (
            text
          ) : (
            <UnstyledButton
              key={table.change}
              className={classes['number']}
              aria-expanded={isShown(table)}
              onClick={() => onShow(table)}
            >
              {text}
            </UnstyledButton>
          ),
        )}
      </span>
    </span>
  );
}
