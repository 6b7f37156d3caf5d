import Foundation
import Testing

/// The commands that documents show, beside the program.
@Suite struct DocumentedCommandTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL

    /// Paths below the checkout.
    private static var documents: [String] {
        let docs = FileManager.default.enumerator(atPath: root.appending(path: "docs").path)?.allObjects as? [String]
        return ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
            + (docs ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }

    /// `wsi …` of indented lines, without remarks, and of code within a sentence.
    private static func commands(in text: String) -> [String] {
        let whole = text.replacing(/\\\n\s*/, with: " ")
        let lines = whole.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { line in
            let end = line.firstRange(of: " # ")?.lowerBound ?? line.endIndex
            return line[..<end].trimmingCharacters(in: .whitespaces)
        }
        let spans = whole.matches(of: /`(wsi [^`\n]*)`/).map { String($0.1) }
        // The reading process is no command for people.
        return (lines + spans).filter { $0.hasPrefix("wsi ") && !$0.hasPrefix("wsi worker") }
    }

    /// The words before the first that is no name of a command.
    private static func verb(of command: String) -> [String] {
        let words = command.split(separator: " ").dropFirst().map(String.init)
        let isName = { (word: String) in word.wholeMatch(of: /[a-z]+/) != nil }
        return ["encoder", "stage"].contains(words.first)
            ? words.prefix(2).filter(isName) : words.prefix(1).filter(isName)
    }

    @Test func everyCommandAndFlagInADocumentExists() throws {
        var pages: [[String]: Command] = [:]
        var count = 0
        for document in Self.documents {
            let text = try String(contentsOf: Self.root.appending(path: document), encoding: .utf8)
            for command in Self.commands(in: text) {
                let verb = Self.verb(of: command)
                let help = try pages[verb] ?? Command.run(verb + ["--help"], environment: ["COLUMNS": "200"])
                pages[verb] = help
                #expect(help.exit == 0, "\(document): \(command)")
                // What is quoted is the line of another program.
                for flag in command.replacing(/'[^']*'/, with: "''").matches(of: /--[a-z][a-z0-9-]*/).map({
                    String($0.0)
                }) {
                    let isThere = try help.output.contains(Regex("\(flag)(?![a-z0-9-])"))
                    #expect(isThere, "\(document): \(command) has no \(flag)")
                    count += 1
                }
            }
        }
        #expect(count > 50)
    }
}
