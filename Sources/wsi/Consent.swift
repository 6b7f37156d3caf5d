import Foundation
import Records

/// The question whether a program of somebody else may run.
enum Consent {
    /// Asks whoever sits at the terminal, unless they have said yes beforehand.
    /// - Parameters:
    ///   - what: `command`, `program`
    ///   - file: what they named.
    /// - Throws: `Failure` (exit 5) without consent.
    static func ask(to what: String, of file: String, yes: Bool) throws {
        if yes { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(.untrusted, file, "consent is needed: run this in a terminal, or add --yes")
        }
        Console.ask("Trust this \(what)? [y/N] ")
        guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
            throw Failure(.untrusted, file, "not trusted")
        }
    }
}
