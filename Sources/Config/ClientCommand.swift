/// The command of a laboratory's own client that brings a slide from where it lies: `aws s3 cp {from} {to}`.
///
/// No shell ever sees it. Words are parted by blanks; quotes, single or double, keep blanks in a word and mean nothing more, and
/// nothing else is replaced than the two places. Whatever an address holds, it stays within its one word.
public struct ClientCommand: Equatable, Sendable {
    /// What is wrong with a command.
    public enum Fault: Error, Equatable {
        case empty
        case openQuote
        /// `{from}` or `{to}`.
        case without(String)
        case placeAsProgram
        case variable

        public var words: String {
            switch self {
            case .empty: "a command is wanted, such as 'aws s3 cp {from} {to}'"
            case .openQuote: "a quote is not closed"
            case .without(let place): "\(place) is nowhere in it; a command is wanted such as 'aws s3 cp {from} {to}'"
            case .placeAsProgram: "its first word is a program, not a place"
            case .variable: "its first word sets a variable, which takes a shell; set it before this command is started"
            }
        }
    }

    public static let from = "{from}"
    public static let to = "{to}"

    /// As it was written.
    public let text: String
    public let words: [String]

    public init(_ text: String) throws(Fault) {
        self.text = text
        words = try Self.words(of: text)
        guard let program = words.first, !program.isEmpty else { throw .empty }
        // It may hold a key, and the name of a program is shown.
        if program.prefixMatch(of: /[A-Za-z_][A-Za-z0-9_]*=/) != nil { throw .variable }
        for place in [Self.from, Self.to] {
            if program.contains(place) { throw .placeAsProgram }
            guard words.contains(where: { $0.contains(place) }) else { throw .without(place) }
        }
    }

    /// - Returns: its words after the program, the places filled in.
    public func arguments(from origin: String, to place: String) -> [String] {
        words.dropFirst().map { word in
            var (filled, rest) = ("", word[...])
            // One pass: an address that holds `{to}` is not looked into.
            while let next = [Self.from, Self.to].compactMap({ rest.firstRange(of: $0) })
                .min(by: { $0.lowerBound < $1.lowerBound })
            {
                filled += rest[..<next.lowerBound] + (rest[next] == Self.from ? origin : place)
                rest = rest[next.upperBound...]
            }
            return filled + rest
        }
    }

    private static func words(of text: String) throws(Fault) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for letter in text {
            if letter == quote {
                quote = nil
            } else if quote == nil, letter == "'" || letter == "\"" {
                // Two quotes with nothing in between are a word.
                (quote, word) = (letter, word ?? "")
            } else if quote == nil, letter.isWhitespace {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? "") + String(letter)
            }
        }
        guard quote == nil else { throw .openQuote }
        return words + (word.map { [$0] } ?? [])
    }
}
