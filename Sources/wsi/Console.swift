import Files
import Foundation
import Pipeline
import Records
import Storage
import Synchronization

/// The release of this program; written into every output.
let wsiVersion = Release.version

/// Everything for people goes to stderr, everything for programs to stdout. With `--log-json` what goes to stderr is for programs, too.
enum Console {
    /// A text may hold what stands in a file: no terminal acts on it.
    static func line(_ text: String) {
        guard isLog else { return write(ShownText.lines(text)) }
        for line in text.split(separator: "\n") { log(LogLine(.info, String(line))) }
    }

    /// What is advised is put into the words of the command that was called.
    static func error(_ error: any ReportableError) { Self.error(error, stage: nil) }

    /// - Parameters:
    ///   - stage: that the error is of, where it is of one.
    ///   - unit: the slide or the fold that the error is of, where it is of one.
    static func error(_ error: any ReportableError, stage: String?, unit: String? = nil) {
        let failure = Invocation.advised(error)
        isLog ? log(LogLine(failure, stage: stage, unit: unit)) : write(ShownText.lines("wsi: \(failure)"))
    }

    /// As it is: it names what was called already.
    static func refusal(_ failure: Failure) {
        isLog ? log(LogLine(failure)) : write(ShownText.lines("wsi: \(failure)"))
    }

    static func note(_ text: String) { note(text, stage: nil) }

    static func note(_ text: String, stage: String?) {
        let shown = ShownText.line(Invocation.advised(text))
        isLog ? log(LogLine(note: shown, stage: stage)) : write(shown)
    }

    /// What a stage has done.
    static func summary(_ text: String, stage: String, _ progress: LogLine.Progress) {
        isLog ? log(LogLine(.info, text, stage: stage, progress: progress)) : write(ShownText.line(text))
    }

    /// How far a stage is. On a terminal the line takes the place of the one before, and stays open.
    static func progress(_ text: String, stage: String, _ progress: LogLine.Progress) {
        if isLog { return log(LogLine(.info, text, stage: stage, progress: progress)) }
        guard isTerminal else { return write(ShownText.line(text)) }
        stderr.withLock { isOpen in
            put("\r\u{1B}[K\(ShownText.line(text))")
            isOpen = true
        }
    }

    /// A question of which the answer stands on the same line.
    static func ask(_ text: String) { stderr.withLock { _ in put(text) } }

    /// Leaves the line that is redrawn.
    static func close() { stderr.withLock { closeLine(&$0) } }

    /// Whether every line on stderr is one JSON object. Looked for in the words of the command: those that the parser refuses are
    /// said so, too.
    static let isLog = CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains(LogOption.flag)

    static let isTerminal = !isLog && isatty(STDERR_FILENO) == 1

    /// Whether the line that progress is drawn on is open; a line is written whole.
    private static let stderr = Mutex(false)

    private static func log(_ line: LogLine) { write(line.text) }

    private static func write(_ text: String) {
        stderr.withLock { isOpen in
            closeLine(&isOpen)
            put(text + "\n")
        }
    }

    private static func closeLine(_ isOpen: inout Bool) {
        if isOpen { put("\r\u{1B}[K") }
        isOpen = false
    }

    /// A full or closed stderr is no reason to stop working.
    private static func put(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// The line of an error, and those of the config that would mend it.
    static func problem(_ problem: Problem) {
        error(problem.failure)
        if !isLog { problem.lines?.forEach { line("  \($0)") } }
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
