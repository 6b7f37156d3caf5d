import ArgumentParser
import Files
import Foundation
import Pipeline
import Records

/// The command that was called: what advice is put into the words of, and what a mistyped one is told.
struct Invocation {
    private let tree: CommandTree
    /// `tile`, `encoder check`; empty for the program itself.
    private let command: String
    /// A word where the name of a command should stand.
    private let unknown: String?
    private let advice: Advice

    /// nil in a worker, whose parent speaks for it.
    static let current = try? Invocation(Array(CommandLine.arguments.dropFirst()))

    private init?(_ arguments: [String]) throws {
        guard arguments.first != "worker" else { return nil }
        tree = try CommandTree(description: Data(WSI._dumpHelp().utf8))
        (command, unknown) = tree.command(called: arguments.first == "help" ? Array(arguments.dropFirst()) : arguments)
        advice = Advice(tree, for: command)
    }

    /// A message about the command's work, or about that of `stage`.
    static func advised(_ message: String, from stage: String? = nil) -> String {
        current?.advice.text(message, from: stage) ?? message
    }

    static func advised(_ error: any ReportableError) -> Failure {
        Failure(error.code, error.subject.map { advised($0) }, advised(error.message))
    }

    /// `tile`, `encoder check`; empty for the program itself, and in a worker.
    static var name: String { current?.command ?? "" }

    private var name: String { command.isEmpty ? "wsi" : "wsi \(command)" }

    /// No file, folder or name is empty; a script's variable that was never set is.
    /// - Throws: `Failure` (usage).
    static func checkArguments(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) throws {
        for (index, argument) in arguments.enumerated() {
            let isValue = argument.isEmpty
            guard isValue || (argument.hasPrefix("--") && argument.hasSuffix("=")) else { continue }
            let before = isValue ? (index == 0 ? "" : arguments[index - 1]) : String(argument.dropLast())
            let place = before.isEmpty ? "" : " after \(before)"
            throw Failure(
                .usage,
                nil,
                current?.usage("the value\(place) is empty; name a file, a folder or what else is wanted") ?? ""
            )
        }
    }

    /// The one line for arguments that the parser does not take, of which it says `reason`.
    func usage(_ reason: String) -> String {
        let help = "see \(name) --help"
        if let unknown {
            let near = tree.suggestion(for: unknown, below: command).map { "did you mean \(name) \($0)?" }
            return "there is no command '\(unknown)'; \(near ?? help)"
        }
        if let flag = reason.firstMatch(of: /^Unknown option '(--[a-z0-9-]+)/).map({ String($0.1) }) {
            let said = advice.text(flag)
            if said != flag { return "\(name) has no \(flag); there is \(said)" }
        }
        return "\(reason); \(help)"
    }
}
