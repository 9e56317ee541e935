import type { Runtime } from '../../contracts/runtime.js';
import { setPhases } from './phases.js';
import type { Activity, ActivityRecorder, PhaseSpan, Profile, ProfileSpan } from './profile.js';

/** A profile that is being made. */
export interface ProfileRecording {
  /** Keeps what happens from now on. */
  begin(): void;
  /** Ends it. @returns What happened since `begin`. */
  stop(): Profile;
}

const nothing: Activity = { calls: [], ops: [], transfers: [] };

/** For back ends that run ops without telling. */
const onlyTheClock = (): ActivityRecorder => ({
  now: () => (performance.timeOrigin + performance.now()) * 1000,
  begin: () => {},
  stop: () => nothing,
});

/**
 * Starts to profile a runtime. Until `begin`, functions that are called are made ready for it, so that what is recorded
 * is warm; call each once. Phases come from everywhere, ops and transfers from back ends that tell of them.
 */
export const startProfile = (runtime: Runtime): ProfileRecording => {
  const recorder = runtime.record?.() ?? onlyTheClock();
  const phases: PhaseSpan[] = [];
  let begun: number | undefined;
  const before = setPhases((name, detail) => {
    const start = recorder.now();
    return () => {
      if (begun !== undefined && start >= begun) phases.push({ name, detail, start, end: recorder.now() });
    };
  });
  return {
    begin() {
      recorder.begin();
      begun = recorder.now();
    },
    stop() {
      setPhases(before);
      const end = recorder.now();
      const origin = begun ?? end;
      const shift = <Span extends ProfileSpan>(spans: readonly Span[]): Span[] =>
        spans
          .map((span) => ({ ...span, start: span.start - origin, end: span.end - origin }))
          .sort((a, b) => a.start - b.start || b.end - a.end);
      const { calls, ops, transfers } = recorder.stop();
      return {
        device: `${runtime.version} (${runtime.backend}, ${runtime.device}, ${runtime.computeType})`,
        detailed: runtime.record !== undefined,
        duration: end - origin,
        phases: shift(phases),
        calls: shift(calls).map((call) => ({
          ...call,
          opsFrom: call.opsFrom - origin,
          opsTo: call.opsTo - origin,
          memory: call.memory.map(({ at, bytes }) => ({ at: at - origin, bytes })),
        })),
        ops: shift(ops),
        transfers: shift(transfers),
      };
    },
  };
};
