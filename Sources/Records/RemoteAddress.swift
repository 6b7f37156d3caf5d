/// Where a slide lies that no path leads to, `scheme://…`.
///
/// Who logs in, and the query, which may be a signature, are for the laboratory's client alone: every text and every record has
/// the address without them.
public struct RemoteAddress: Equatable, Sendable, CustomStringConvertible {
    /// Without user, password, query and fragment.
    public let shown: String
    /// As it was written; for the client, never for a text.
    public let whole: String

    /// nil where the text is no address, as paths are none.
    public init?(_ text: String) {
        guard let start = Self.schemeEnd(text[...]), start.scheme == text.startIndex, start.rest < text.endIndex else {
            return nil
        }
        whole = text
        shown = Self.shown(text[...], after: start.rest)
    }

    public var description: String { shown }

    /// A prefix or folder, all of which is one slide.
    public var isFolder: Bool { shown.hasSuffix("/") }

    /// The last part of its path, as files have it; empty where there is none.
    public var name: String {
        let path = shown.drop { $0 != ":" }.dropFirst(3).split(separator: "/").dropFirst()
        let last = path.last.map(String.init) ?? ""
        return Self.decoded(last) ?? last
    }

    /// What must stand in no text: who logs in, the query and its values, each as written and as it reads.
    public var secrets: [String] {
        guard let rest = Self.schemeEnd(whole[...])?.rest else { return [] }
        let (login, tail) = Self.parts(whole[rest...])
        var found = tail.isEmpty ? [] : [String(tail.dropFirst())]
        found += tail.dropFirst().split { "?&#".contains($0) }.map { pair in
            pair.split(separator: "=", maxSplits: 1).last.map(String.init) ?? ""
        }
        if !login.isEmpty { found += [String(login)] + login.split(separator: ":").dropFirst().map(String.init) }
        found += found.compactMap(Self.decoded)
        // A value such as `1` tells nothing, and stands in every text.
        return Set(found.filter { $0.count >= 4 }).sorted { ($1.count, $0) < ($0.count, $1) }
    }

    /// The text with every address in it as `shown`, also where an address was taken for a path, `/folder/scheme:/…`.
    public static func withoutSecrets(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: ":")), text.contains(":/") else { return text }
        var (result, rest) = ("", text[...])
        while let start = schemeEnd(rest, mark: ":/") {
            result += rest[..<start.scheme]
            var end = rest[start.rest...].firstIndex(where: isOutside) ?? rest.endIndex
            // What ends a clause is no part of the address.
            if end > start.rest, case let last = rest.index(before: end), ";,:.)".contains(rest[last]) { end = last }
            result += shown(rest[start.scheme..<end], after: start.rest)
            rest = rest[end...]
        }
        return result + rest
    }

    /// - Returns: where the first address of the text begins, and where what follows its `://` does.
    /// - Parameter mark: `:/` finds those too that have lost a slash.
    private static func schemeEnd(
        _ text: Substring,
        mark: String = "://"
    ) -> (scheme: String.Index, rest: String.Index)? {
        var from = text.startIndex
        while let mark = text[from...].firstRange(of: mark) {
            let scheme = text[from..<mark.lowerBound].reversed().prefix { isOfScheme($0) }.count
            var rest = mark.upperBound
            let isWhole = text[mark].count == 3 || text[rest...].first == "/"
            if text[mark].count == 2, isWhole { rest = text.index(after: rest) }
            // `c:/` is a disk.
            if scheme > (isWhole ? 0 : 1) { return (text.index(mark.lowerBound, offsetBy: -scheme), rest) }
            from = mark.upperBound
        }
        return nil
    }

    private static func isOfScheme(_ letter: Character) -> Bool {
        letter.isASCII && (letter.isLetter || letter.isNumber || "+-.".contains(letter))
    }

    private static func isOutside(_ letter: Character) -> Bool { letter.isWhitespace || "\"'<>`|".contains(letter) }

    private static func shown(_ text: Substring, after rest: String.Index) -> String {
        let (login, tail) = parts(text[rest...])
        let host = login.isEmpty ? rest : text.index(after: login.endIndex)
        return String(text[..<rest] + text[host..<tail.startIndex])
    }

    /// - Returns: who logs in, without the `@`, and all from the first `?` or `#` on; each empty where there is none.
    private static func parts(_ rest: Substring) -> (login: Substring, tail: Substring) {
        let end = rest.firstIndex { "?#".contains($0) } ?? rest.endIndex
        let path = rest[..<end]
        var authority = path.prefix { $0 != "/" }
        // A password that should have been written in another way may hold a slash; no port is a word.
        if let colon = authority.firstIndex(of: ":"), !authority.contains("@"),
            !authority[colon...].dropFirst().allSatisfy(\.isNumber)
        {
            authority = path
        }
        let at = authority.lastIndex(of: "@")
        // It may hold a `?` as well.
        if at == nil, authority.contains(":"), authority.endIndex == path.endIndex, let late = rest.lastIndex(of: "@"),
            !authority.drop(while: { $0 != ":" }).dropFirst().allSatisfy(\.isNumber)
        {
            let tail = rest[late...].firstIndex { "?#".contains($0) } ?? rest.endIndex
            return (rest[..<late], rest[tail...])
        }
        return (at.map { rest[..<$0] } ?? rest[..<rest.startIndex], rest[end...])
    }

    /// `%20` and the like; nil where that is no text.
    private static func decoded(_ text: String) -> String? {
        guard text.contains("%") else { return nil }
        var bytes: [UInt8] = []
        var letters = Array(text.utf8)[...]
        while let letter = letters.popFirst() {
            guard letter == UInt8(ascii: "%") else {
                bytes.append(letter)
                continue
            }
            guard letters.count >= 2, let value = UInt8(String(decoding: letters.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            letters = letters.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
