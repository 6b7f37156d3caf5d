import Files
import Foundation
import Pipeline
import Records
import Storage
import Synchronization

/// The release of this program; written into every output.
let wsiVersion = Release.version

/// Everything for people goes to stderr, everything for programs to stdout.
enum Console {
    /// A text may hold what stands in a file: no terminal acts on it.
    static func line(_ text: String) { say(ShownText.lines(text) + "\n") }

    /// As it is. A full or closed stderr is no reason to stop working.
    static func say(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// What is advised is put into the words of the command that was called.
    static func error(_ error: any ReportableError) { line("wsi: \(Invocation.advised(error))") }

    static func note(_ text: String) { line(ShownText.line(Invocation.advised(text))) }

    /// The line of an error, and those of the config that would mend it.
    static func problem(_ problem: Problem) {
        error(problem.failure)
        problem.lines?.forEach { line("  \($0)") }
    }

    /// A command's result on stdout.
    /// - Throws: `Failure` where it cannot be written: a result that is lost is an error.
    static func result(_ data: Data) throws {
        do {
            try data.withUnsafeBytes { try AtomicFile.writeAll($0, to: STDOUT_FILENO, path: "stdout") }
        } catch StorageError.system(_, let call, let code) {
            let reason = code == EBADF ? "it is closed" : "\(call): \(String(cString: strerror(code)))"
            throw Failure(
                code == ENOSPC ? .noSpace : .io,
                "stdout",
                "the result could not be written (\(reason)); send it to a file or a program that takes it"
            )
        }
    }

    /// For people, as `line`.
    static func result(_ text: String) throws { try result(Data((ShownText.lines(text) + "\n").utf8)) }
}

extension Console {
    /// Takes the places of standard files that are closed: the next file that is opened would become stdout or stderr, and
    /// get what is said. A result is lost all the same where stdout was closed, so that this one cannot be written to.
    static func openStandardFiles() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}

/// Shows the progress of stages on stderr: a line that is redrawn on a terminal, a line every ten seconds in a log.
final class ConsoleProgress: Sendable {
    private struct State {
        var progress = StageProgress()
        var start = ContinuousClock.now
        var shown = ContinuousClock.now
        var lineIsOpen = false
    }

    private let state = Mutex(State())
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let quiet: Bool

    init(quiet: Bool = false) { self.quiet = quiet }

    var sink: ProgressSink { { [self] event in show(event) } }

    /// Leaves the line that is redrawn, before something else is printed.
    func close() { state.withLock { closeLine(&$0) } }

    private func show(_ event: ProgressEvent) {
        state.withLock { state in
            if case .began = event { state = State() }
            state.progress.take(event)
            switch event {
            case .began, .planned, .spent: break
            case .advanced, .copying: draw(&state, last: false)
            case .finished(_, let failure):
                if let failure {
                    closeLine(&state)
                    Console.error(failure)
                }
                draw(&state, last: false)
            case .refused(let failure):
                closeLine(&state)
                Console.error(failure)
            case .note(let text):
                closeLine(&state)
                if !quiet { Console.note(text) }
            case .ended(let report):
                draw(&state, last: true)
                closeLine(&state)
                let isTold = state.progress.wasDone || report.throughput != nil
                let rate = isTold ? "" : " in \(Throughput.clock(Self.seconds(since: state.start)))"
                if !quiet {
                    Console.line(report.summary() + rate)
                    report.emptyText.forEach { Console.line("  \($0)") }
                    if let throughput = report.throughput { Console.line("  \(throughput.text(of: report.noun))") }
                }
            }
        }
    }

    private func draw(_ state: inout State, last: Bool) {
        let now = ContinuousClock.now
        guard !quiet, last ? state.lineIsOpen : now - state.shown > (isTerminal ? .milliseconds(200) : .seconds(10))
        else { return }
        state.shown = now
        let text = state.progress.line(after: Self.seconds(since: state.start))
        if isTerminal {
            Console.say("\r\u{1B}[K\(ShownText.line(text))")
            state.lineIsOpen = true
        } else {
            Console.line(text)
        }
    }

    private func closeLine(_ state: inout State) {
        if state.lineIsOpen { Console.say("\r\u{1B}[K") }
        state.lineIsOpen = false
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .seconds(1)
    }
}
