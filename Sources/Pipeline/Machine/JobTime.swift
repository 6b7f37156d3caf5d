public import Foundation
import Records

/// How long the Slurm job has that this process is of, as its variables or `squeue` tell.
public struct JobTime: Sendable {
    /// nil: nobody tells, or there is no limit.
    public private(set) var left: TimeSpan?
    /// Who told, such as `SLURM_JOB_END_TIME`.
    public private(set) var origin = ""
    /// What was told and is not used, and why.
    public private(set) var notes: [String] = []

    /// - Parameters:
    ///   - environment: of the process; its `PATH` is where `squeue` is looked for.
    ///   - now: seconds since 1970. What is left is counted by another clock from here on, so that one that is set later moves
    ///     nothing.
    ///   - patience: a controller that does not answer is asked no longer.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        now: Double = Date().timeIntervalSince1970,
        patience: Duration = .seconds(10)
    ) async {
        let name = "SLURM_JOB_END_TIME"
        if let text = environment[name], !text.isEmpty {
            // A clock that is wrong, or a variable that has outlived its job: a command that began nothing for ever would be worse
            // than one that is ended by a signal, after which it goes on as well.
            let end = Int(text).flatMap { $0 > 0 ? Double($0) : nil }
            switch end.map({ $0 - now }) {
            case nil: notes.append("\(name) is '\(ShownText.line(text, limit: 40))', which is no time: it is not used")
            case let rest? where rest <= 0: notes.append("\(name) lies \(Throughput.clock(-rest)) back: it is not used")
            case let rest?:
                (left, origin) = (TimeSpan(seconds: min(rest, TimeSpan.most)), name)
                return
            }
        }
        await ask(environment, patience)
    }

    private mutating func ask(_ environment: [String: String], _ patience: Duration) async {
        guard let job = Self.job(environment), let program = DoctorProgram.find(["squeue"], environment) else { return }
        let call = "squeue -h -j \(job) -o %L"
        let child = ChildProcess(executable: program, arguments: ["-h", "-j", job, "-o", "%L"], timeout: patience)
        guard let (result, text) = await Self.first(within: patience + .seconds(1), of: child.output),
            result.end != .timedOut
        else {
            notes.append(
                "\(call) did not end within \(patience.components.seconds) s: no end of the job's time is known"
            )
            return
        }
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        if result.end == .exited(0), ["UNLIMITED", "NOT_SET"].contains(words.first) { return }
        // Of the tasks of an array that share a number, the one that ends first decides.
        let spans = words.compactMap(TimeSpan.init)
        guard result.end == .exited(0), !spans.isEmpty, spans.count == words.count,
            let least = spans.min(by: { $0.seconds < $1.seconds })
        else {
            let said = words.isEmpty ? "nothing" : "'\(ShownText.line(words.joined(separator: " "), limit: 80))'"
            notes.append("\(call) said \(said): no end of the job's time is known; --time-left gives one")
            return
        }
        (left, origin) = (least, "squeue")
    }

    /// What a program says; nil where it does not start or does not come to an end: what it has started itself may hold its
    /// stdout open for longer than it lives.
    private static func first<Value: Sendable>(
        within patience: Duration,
        of work: @escaping @Sendable () async throws -> Value
    ) async -> Value? {
        let (ends, end) = AsyncStream.makeStream(of: Value?.self)
        let task = Task { end.yield(try? await work()) }
        let deadline = Deadline(after: patience) { end.yield(nil) }
        defer {
            deadline.callOff()
            task.cancel()
        }
        for await value in ends { return value }
        return nil
    }

    /// As `squeue -j` takes it: a task of an array may have the number of the whole array.
    private static func job(_ environment: [String: String]) -> String? {
        func number(_ name: String) -> String? {
            environment[name].flatMap { text in text.wholeMatch(of: /[0-9]{1,12}/) == nil ? nil : text }
        }
        if let array = number("SLURM_ARRAY_JOB_ID"), let task = number("SLURM_ARRAY_TASK_ID") {
            return "\(array)_\(task)"
        }
        return number("SLURM_JOB_ID")
    }
}
