import Config
import Foundation
import Records

/// What a client was given that stands in no text, in each way in which a program may write it.
struct ClientSecrets {
    /// The longest first, so that none is shown by half.
    private let texts: [String]

    init(of address: RemoteAddress, _ command: ClientCommand) {
        let words = command.words.dropFirst()
        // `--password KEY`
        let answers = zip(words, words.dropFirst()).filter { flag, _ in
            flag.hasPrefix("-") && !flag.contains("=")
        }.map(\.1)
        let values = answers.filter { word in
            word.count >= Self.shortest && !word.hasPrefix("-")
                && ![ClientCommand.from, ClientCommand.to].contains { word.contains($0) }
        }
        let all = address.secrets + words.flatMap(Self.secrets) + values
        texts = Set(all.flatMap(Self.forms)).sorted { ($1.count, $0) < ($0.count, $1) }
    }

    func hidden(in text: String) -> String { texts.reduce(text) { $0.replacing($1, with: "…") } }

    /// Headers, keys and who logs in. The name of a flag is no secret, and what is too short stands in every text.
    private static func secrets(of word: String) -> [String] {
        var parts = [word[...]]
        for place in [ClientCommand.from, ClientCommand.to] { parts = parts.flatMap { $0.split(separator: place) } }
        return parts.flatMap { part -> [String] in
            var value = part
            if part.hasPrefix("--") {
                guard let end = part.firstIndex(of: "=") else { return [] }
                value = part[end...].dropFirst()
            } else if part.hasPrefix("-") {
                value = part.dropFirst(2)
            }
            if let address = RemoteAddress(String(value)) { return address.secrets + long([value]) }
            // `Authorization: Bearer KEY`, `user:password`, `key=KEY`
            let pieces = value.split { $0.isWhitespace || ":=,;&\"'".contains($0) }
            let named = part.hasPrefix("--") ? [value] : []
            let short = (named + pieces.dropFirst()).filter { $0.count >= shortest }
            return long([value] + pieces) + short.map(String.init)
        }
    }

    /// Of what is called by a name, or logs in.
    private static let shortest = 4

    private static func long(_ words: [Substring]) -> [String] { words.filter { $0.count >= 8 }.map(String.init) }

    private static func forms(_ secret: String) -> [String] {
        let read = secret.removingPercentEncoding ?? secret
        var forms = [secret, read]
        for text in [secret, read] {
            for kept in ["-._~", "-._~/"] {
                guard let coded = text.addingPercentEncoding(withAllowedCharacters: .plain(and: kept)) else { continue }
                forms += [coded, coded.lowerHex, coded.replacing("%20", with: "+")]
            }
            forms.append(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("/", with: "\\/"))
        }
        // As HTTP writes who logs in.
        if read.contains(":") { forms.append(Data(read.utf8).base64EncodedString()) }
        return forms
    }
}

extension CharacterSet {
    /// Letters and digits of ASCII, and these.
    fileprivate static func plain(and others: String) -> CharacterSet {
        CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\(others)")
    }
}

extension String {
    /// `%2f` for `%2F`
    fileprivate var lowerHex: String { replacing(/%[0-9A-F]{2}/) { $0.output.lowercased() } }
}
