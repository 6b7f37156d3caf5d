import ArgumentParser
import Pipeline
import Records

/// `--time-left`: a command that ends by itself before its job does.
struct TimeOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Time that the command may take: 90m, 2h30m, 1:30:00, 1-12:00:00, seconds, or none. Default: that of its Slurm job.",
            discussion:
                "In the last minute no slide or fold is begun; the exit code is then 75, and the same command goes on.",
            valueName: "time"
        )
    )
    var timeLeft: TimeLeft?

    /// Also sees to it that the command ends by then.
    /// - Returns: nil where there is no end.
    func limit(quiet: Bool) async -> TimeLimit? {
        let span: TimeSpan
        switch timeLeft {
        case .unlimited?: return nil
        case .span(let given)?: span = given
        case nil:
            let job = await JobTime()
            if !quiet { job.notes.forEach { Console.note("warning: \($0)") } }
            guard let left = job.left else { return nil }
            if !quiet { Console.note("time left: \(Throughput.clock(left.seconds)) (\(job.origin))") }
            span = left
        }
        let limit = TimeLimit(left: .seconds(span.seconds))
        limit.enforce(say: Console.error)
        return limit
    }
}

/// The value of `--time-left`.
enum TimeLeft: ExpressibleByArgument {
    case unlimited
    case span(TimeSpan)

    init?(argument: String) {
        if argument == "none" {
            self = .unlimited
        } else if let span = TimeSpan(argument) {
            self = .span(span)
        } else {
            return nil
        }
    }
}
