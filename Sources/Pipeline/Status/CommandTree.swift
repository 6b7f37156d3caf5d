public import Foundation

/// The commands of the program and the flags that each of them takes, as its parser's own description of them says.
public struct CommandTree: Sendable {
    /// Flags with their dashes, by command: `tile`, `encoder check`; the program itself is the empty name.
    public let flags: [String: Set<String>]
    /// Names below a command, in the order of the help.
    public let names: [String: [String]]

    /// - Parameter description: the JSON of `--experimental-dump-help`.
    public init(description: Data) throws {
        let root = try JSONDecoder().decode(Dump.self, from: description).command
        var flags: [String: Set<String>] = [:]
        var names: [String: [String]] = [:]
        func walk(_ command: Dump.Command, _ path: [String]) {
            let own = (command.arguments ?? []).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }
            let below = (command.subcommands ?? []).filter { $0.commandName != "help" }
            flags[path.joined(separator: " ")] = Set(own.map { "--\($0.name)" })
            names[path.joined(separator: " ")] = below.map(\.commandName)
            for command in below { walk(command, path + [command.commandName]) }
        }
        walk(root, [])
        (self.flags, self.names) = (flags, names)
    }

    private struct Dump: Decodable {
        struct Command: Decodable {
            var commandName: String
            var subcommands: [Command]?
            var arguments: [Argument]?
        }

        struct Argument: Decodable { var names: [Name]? }

        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var command: Command
    }

    /// The command that arguments call, and the first word behind it that should name a command below and does not.
    public func command(called arguments: [String]) -> (name: String, unknown: String?) {
        var name = ""
        for word in arguments {
            guard let below = names[name], !below.isEmpty, !word.hasPrefix("-") else { break }
            guard below.contains(word) else { return (name, word) }
            name = name.isEmpty ? word : "\(name) \(word)"
        }
        return (name, nil)
    }

    /// The name below a command that a mistyped word is closest to; nil where none is close.
    public func suggestion(for word: String, below command: String) -> String? {
        let near = (names[command] ?? []).map { ($0, Self.distance($0, word.lowercased())) }
            .min { $0.1 < $1.1 }
        return near.flatMap { $0.1 <= max(1, word.count / 2) ? $0.0 : nil }
    }

    /// Letters to add, drop, change or swap with their neighbour.
    private static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one), Array(other))
        var rows = [Array(0...other.count)]
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (one[i] == other[j] ? 0 : 1))
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
