import { timelineOutcome, type TimelineFilter } from '../../../../shared/model/timeline.ts';
import { trigger } from '../../../../shared/model/trigger.ts';

/** As the address says it; what it says that is unknown filters nothing. */
export function filterOf(parameters: URLSearchParams): TimelineFilter {
  const component = parameters.get('component');
  const agent = parameters.get('agent');
  const wantedTrigger = trigger.safeParse(parameters.get('trigger')).data;
  const outcome = timelineOutcome.safeParse(parameters.get('outcome')).data;
  return {
    trash: parameters.get('trash') === 'yes',
    ...(component === null ? {} : { component }),
    ...(agent === null ? {} : { agent }),
    ...(wantedTrigger === undefined ? {} : { trigger: wantedTrigger }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

export function isFiltered({ component, agent, trigger: wanted, outcome }: TimelineFilter): boolean {
  return [component, agent, wanted, outcome].some((value) => value !== undefined);
}
