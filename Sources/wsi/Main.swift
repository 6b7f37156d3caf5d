import ArgumentParser
import Files
import Foundation
import Pipeline
import Records
import Storage

@main
struct WSI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wsi",
        abstract: "From whole-slide images to reviewed attention heatmaps. Research use only.",
        discussion: """
            Example of a study in one command:
              wsi run --config pipelines/camelyon.json --out study

            Stage by stage:
              wsi tile slides/ --out study
              wsi features study --encoder he-texture-v1
              wsi train --config pipelines/camelyon.json --out study
              wsi predict study --model acmil
              wsi heatmap study --model acmil

            Look at it:
              wsi review study
              wsi report study --model acmil

            Exit codes: 0 ok, 2 usage, 3 finished but some slides failed, 4 integrity, 5 refused, 75 try again, 129, 130, 131
            and 143 interrupted; README.md says more.
            """.reflowed,
        version: wsiVersion,
        groupedSubcommands: [
            CommandGroup(
                name: "Look:",
                subcommands: [
                    Info.self, ConfigCommand.self, Check.self, CohortCommand.self, PlanCommand.self, Status.self,
                    Verify.self,
                    DoctorCommand.self,
                    BenchCommand.self,
                ]
            ),
            CommandGroup(
                name: "Stages:",
                subcommands: [
                    Tile.self, Features.self, Train.self, Predict.self, Heatmap.self, Report.self, Evaluate.self,
                ]
            ),
            CommandGroup(name: "Review:", subcommands: [ReviewCommand.self]),
            CommandGroup(name: "Whole studies:", subcommands: [Init.self, Run.self, SampleCommand.self]),
            CommandGroup(name: "Consent:", subcommands: [EncoderCommand.self, StageCommand.self]),
        ]
    )

    static func main() async {
        Installation.settle(as: "wsi")
        // A reader that closes its end (`wsi info x | head`) and a file-size limit must be errors, not deaths.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        Console.openStandardFiles()
        if CommandLine.arguments.dropFirst().first == "worker" { Foundation.exit(Worker.main()) }
        MemoryEnd.install()
        let interruption = Result { try Interruption.install() }
        do {
            // Where there is no /proc, neither are there arguments.
            _ = try Programs.installed()
            try Invocation.checkArguments()
            var command = try parseAsRoot()
            try interruption.get()
            try MachineNeeds.ofEveryCommand.check()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Ending.leave(.ok)
        } catch {
            // What a signal has made fail is not told.
            Temporaries.holdIfClosed()
            Ending.leave(status(for: error))
        }
    }

    /// Prints the one line of an error and gives its exit code.
    private static func status(for error: any Error) -> ExitStatus {
        if let status = error as? ExitStatus { return status }
        if let found = error as? StudyProblems {
            found.problems.forEach(Console.problem)
            return found.exitStatus
        }
        if let reportable = error as? any ReportableError {
            Console.error(reportable)
            return reportable.code.exitStatus
        }
        if exitCode(for: error) == .success {
            do { try Console.result(Help.fitted { fullMessage(for: error, columns: $0) }) } catch {
                return status(for: error)
            }
            return .ok
        }
        if exitCode(for: error) == .validationFailure {
            let text = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
            Console.refusal(Failure(.usage, nil, Invocation.current?.usage(text) ?? text))
            return .usage
        }
        Console.error(Failure(error))
        return .bug
    }
}

extension ExitStatus: Error {}

extension ExitStatus {
    /// Ends the command with this code where it is not 0; what went wrong has been said.
    func throwUnlessOK() throws { if self != .ok { throw self } }
}
