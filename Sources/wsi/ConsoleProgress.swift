import Foundation
import Pipeline
import Records
import Synchronization

/// Shows the progress of stages on stderr: a line that is redrawn on a terminal, a line every half minute in a log.
final class ConsoleProgress: Sendable {
    private struct State {
        var progress = StageProgress()
        var start = ContinuousClock.now
        var shown = ContinuousClock.now
        /// Of what is said now; empty between stages.
        var stage = ""

        var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }
    }

    private let state = Mutex(State())
    private let quiet: Bool

    init(quiet: Bool = false) { self.quiet = quiet }

    var sink: ProgressSink { { [self] event in show(event) } }

    /// Leaves the line that is redrawn, before something else is printed.
    func close() { Console.close() }

    private func show(_ event: ProgressEvent) {
        state.withLock { state in
            if case .began = event { state = State() }
            state.progress.take(event)
            if case .began(let name, _, _) = event { state.stage = name }
            let stage = state.stage
            switch event {
            case .planned, .spent, .loaded, .used: break
            case .began: if Console.isLog { draw(&state, always: true) }
            case .advanced, .copying: draw(&state)
            case .finished(let unit, let failure):
                if let failure { Console.error(failure, stage: stage, unit: unit) }
                draw(&state)
            case .refused(let failure): Console.error(failure, stage: stage)
            case .note(let text): if !quiet { Console.note(text, stage: stage) }
            case .ended(let report):
                if !quiet { tell(report, state) }
                state.stage = ""
            }
        }
    }

    private func tell(_ report: StageReport, _ state: State) {
        let isTold = state.progress.wasDone || report.throughput != nil
        let rate = isTold ? "" : " in \(Throughput.clock(state.seconds))"
        let stage = report.stage.text
        Console.summary(report.summary() + rate, stage: stage, LogLine.Progress(state.progress, after: state.seconds))
        report.emptyText.forEach { Console.note("  \($0)", stage: stage) }
        if let throughput = report.throughput { Console.note("  \(throughput.text(of: report.noun))", stage: stage) }
    }

    private func draw(_ state: inout State, always: Bool = false) {
        let now = ContinuousClock.now
        let pause = Console.isTerminal ? Duration.milliseconds(200) : .seconds(30)
        guard !quiet, always || now - state.shown > pause else { return }
        state.shown = now
        let text = state.progress.line(after: state.seconds)
        Console.progress(text, stage: state.progress.stage, LogLine.Progress(state.progress, after: state.seconds))
    }
}
