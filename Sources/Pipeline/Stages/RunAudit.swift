import Files
import Foundation
import Records
import Storage
import Synchronization

/// Listens to the progress of a run, measures it and keeps its record; the report that ends a stage then says how fast it was.
final class RunAudit: Sendable {
    private struct State {
        var record: RunRecord?
        var file: URL?
        var start = ContinuousClock.now
        var throughput = Throughput()
        var open: Set<StageName>
    }

    private let state: Mutex<State>
    private let layout: JobLayout
    private let stages: [StageName]
    private let workers: Int

    init(stages: [StageName], layout: JobLayout, settings: WorkSettings) {
        state = Mutex(State(open: Set(stages)))
        (self.layout, self.stages, workers) = (layout, stages, settings.workers)
    }

    /// A run that an error ended has ended too; only one that was killed has no end.
    deinit {
        state.withLock { state in
            guard state.record != nil, state.record?.ended == nil else { return }
            state.record?.ended = RunRecord.now()
            _ = write(state)
        }
    }

    /// - Returns: a sink that hands everything on to `next`.
    func listening(_ next: @escaping ProgressSink) -> ProgressSink {
        { [self] event in
            let (told, warning) = state.withLock { heard(event, &$0) }
            if let warning { next(.note(warning)) }
            next(told)
        }
    }

    /// - Returns: the event as it is told on, and a warning where the record cannot be written: that stops no work.
    private func heard(_ event: ProgressEvent, _ state: inout State) -> (ProgressEvent, String?) {
        switch event {
        case .began(_, let units, let done):
            guard done < units else { return (event, nil) }
            state.start = .now
            let mark = ProcessMark.own()
            let record = RunRecord(
                stages: stages,
                process: mark,
                began: RunRecord.now(),
                workers: workers,
                units: units - done
            )
            state.record = record
            // Processes of several hosts may share a number and a second.
            let own = "\(mark.number)-\(String(UInt32.random(in: 0 ... .max), radix: 16))"
            let name = "\(record.began.filter { $0.isNumber })-\(own)-\(stages.map(\.text).joined(separator: "+"))"
            state.file = RunRecord.folder(layout)
                .appending(path: "\(name.replacing("/", with: "_").prefix(200)).json")
            return (event, write(state))
        case .advanced(let amount, let what) where what == "patches":
            state.throughput.patches += amount
        case .spent(let times, let peak):
            state.throughput.times.add(times)
            state.throughput.peakMemory = max(state.throughput.peakMemory, peak)
        case .loaded(let seconds):
            state.throughput.loading = (state.throughput.loading ?? 0) + seconds
        case .used(let devices):
            state.throughput.devices = devices
        case .finished:
            state.throughput.units += 1
        case .ended(var report):
            state.open.remove(report.stage)
            guard state.record != nil, state.open.isEmpty else { break }
            state.throughput.seconds = (ContinuousClock.now - state.start) / .seconds(1)
            report.throughput = state.throughput
            state.record?.throughput = state.throughput
            state.record?.ended = RunRecord.now()
            return (.ended(report), write(state))
        case .planned, .advanced, .copying, .refused, .note: break
        }
        return (event, nil)
    }

    private func write(_ state: State) -> String? {
        guard let record = state.record, let file = state.file else { return nil }
        do { try CanonicalJSON.write(record, to: file) } catch {
            return "warning: the record of this run could not be written: \(error)"
        }
        return nil
    }
}

extension Stage {
    /// A sink that measures the stage's run, keeps its record and hands everything on.
    func audited(_ progress: @escaping ProgressSink) -> ProgressSink {
        RunAudit(stages: [name], layout: layout, settings: settings).listening(progress)
    }
}
