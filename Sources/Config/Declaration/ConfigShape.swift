/// What a value may be, whatever its type in Swift; limits that the parser checks, and how they are told.
indirect enum ConfigShape: Sendable {
    case number(ConfigRange, unit: String?)
    case whole(ClosedRange<UInt64>, unit: String?)
    /// `true` or `false`.
    case flag
    case text(isEmptyAllowed: Bool)
    case choice([ConfigWord])
    /// Words of one form, which the word stands for; the form is a regular expression of JSON Schema.
    case pattern(ConfigWord, String)
    case list(of: ConfigShape, count: ClosedRange<Int>, isDistinct: Bool)
    /// An object from texts to texts.
    case table
    /// An object from keys of a section, which may be of several kinds, to lists of values that each is tried with.
    case grid(of: ConfigOutline?)
    case either([ConfigShape])
    case section(ConfigOutline)
    /// One of several sections, told apart by the word of the key `tag`.
    case kinds(tag: String, [ConfigKind], notes: String)
}

/// A word of a closed set and what it means.
struct ConfigWord: Equatable, Sendable {
    let word: String
    /// As Markdown.
    let meaning: String
}

/// A section with the words that stand for it.
struct ConfigKind: Sendable {
    let words: [String]
    let outline: ConfigOutline
}

/// The numbers from one bound to another.
public struct ConfigRange: Equatable, Sendable {
    var lower: Double?
    var upper: Double?
    /// Whether the bounds themselves are left out.
    var isAbove = false
    var isBelow = false

    func contains(_ number: Double) -> Bool {
        guard number.isFinite else { return false }
        let isHigh = lower.map { isAbove ? number > $0 : number >= $0 } ?? true
        let isLow = upper.map { isBelow ? number < $0 : number <= $0 } ?? true
        return isHigh && isLow
    }

    /// As a column has it: `0 to below 1`.
    var column: String {
        let (low, high) = (lower.map(Self.text), upper.map(Self.text))
        return switch (low, high) {
        case (let low?, let high?) where isAbove: "above \(low), \(isBelow ? "below" : "at most") \(high)"
        case (let low?, let high?): "\(low) to \(isBelow ? "below " : "")\(high)"
        case (let low?, nil): isAbove ? "above \(low)" : "\(low) or more"
        case (nil, let high?): isBelow ? "below \(high)" : "\(high) or less"
        case (nil, nil): "any"
        }
    }

    /// As a sentence has it, after "a number": ` from 0 to below 1`.
    var sentence: String {
        let low = lower.map { isAbove ? " above \(Self.text($0))" : " from \(Self.text($0))" } ?? ""
        guard let upper else { return low }
        let high = Self.text(upper)
        if isAbove { return isBelow ? "\(low) and below \(high)" : "\(low), at most \(high)," }
        return "\(low) to \(isBelow ? "below " : "")\(high)"
    }

    static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : "\(number)"
    }
}

extension ConfigShape {
    /// Before "is wanted here".
    var wanted: String {
        switch self {
        case .number(let range, let unit): "a number\(Self.of(unit))\(range.sentence)"
        case .whole(let range, _) where range.lowerBound == range.upperBound: "\(range.lowerBound)"
        case .whole(let range, let unit):
            "a whole number\(Self.of(unit)) from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .text: "a string"
        case .choice(let words): "one of \(words.map(\.word).joined(separator: ", "))"
        case .pattern(let form, _): form.word
        case .list(let shape, let count, let isDistinct):
            "a list of \(Self.count(count))\(isDistinct ? " different" : "") \(shape.plural)"
        case .table: "an object of strings"
        case .grid: "an object of keys, each with a list of values,"
        case .either(let shapes): shapes.map(\.wanted).joined(separator: " or ")
        case .section, .kinds: "an object {…}"
        }
    }

    /// What a member is, of what has members.
    var member: ConfigShape {
        switch self {
        case .list(let shape, _, _): shape
        case .table: .text(isEmptyAllowed: true)
        default: self
        }
    }

    /// The column "type".
    var type: String {
        switch self {
        case .number: "number"
        case .whole: "whole number"
        case .flag: "true or false"
        case .text: "text"
        case .choice, .pattern: "word"
        case .list(let shape, _, _): "list of \(shape.plural)"
        case .table: "object of texts"
        case .grid: "object of lists"
        case .either(let shapes):
            shapes.map(\.type).reduce([]) { $0.contains($1) ? $0 : $0 + [$1] }.joined(separator: " or ")
        case .section, .kinds: "object"
        }
    }

    /// The column "range".
    var range: String {
        switch self {
        case .number(let range, let unit): range.column + Self.behind(unit)
        case .whole(let range, _) where range.lowerBound == range.upperBound: "\(range.lowerBound)"
        case .whole(let range, let unit): "\(range.lowerBound) to \(range.upperBound)\(Self.behind(unit))"
        case .flag, .table, .grid, .section, .kinds, .text(isEmptyAllowed: true): ""
        case .text(isEmptyAllowed: false): "not empty"
        case .choice(let words): words.map { "`\($0.word)`" }.joined(separator: ", ")
        case .pattern(let form, _): "`\(form.word)`"
        case .list(let shape, let count, let isDistinct):
            "\(Self.count(count))\(isDistinct ? " different" : "")\(shape.range.isEmpty ? "" : ": \(shape.range)")"
        case .either(let shapes): shapes.map(\.range).joined(separator: "; ")
        }
    }

    /// The words of a choice, also of one in a list.
    var choices: [ConfigWord] {
        switch self {
        case .choice(let words): words
        case .pattern(let form, _): [form]
        case .list(let shape, _, _): shape.choices
        case .either(let shapes): shapes.flatMap(\.choices)
        default: []
        }
    }

    private var plural: String {
        switch self {
        case .number: "numbers"
        case .whole: "whole numbers"
        case .text: "texts"
        case .choice, .pattern: "words"
        case .section, .kinds: "objects"
        default: "values"
        }
    }

    private static func of(_ unit: String?) -> String { unit.map { " of \($0)" } ?? "" }

    private static func behind(_ unit: String?) -> String { unit.map { " \($0)" } ?? "" }

    private static func count(_ count: ClosedRange<Int>) -> String {
        if count.lowerBound == count.upperBound { return "\(count.lowerBound)" }
        return count.upperBound == .max ? "\(count.lowerBound) or more" : "\(count.lowerBound) to \(count.upperBound)"
    }
}
