import Foundation

/// The name of a slide in every table, file name and picture: its file name without extension unless a list says otherwise.
///
/// An id is part of paths, so it is checked once, here: 1 to 200 bytes of UTF-8 in NFC; begins with a letter or digit;
/// then letters, digits, marks, spaces and `._-+()#,=@&'` only; no trailing space or dot.
public struct SlideID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: `Failure` with `.unsafeID` (exit 5) where the name could leave its folder or confuse a shell or a viewer.
    public init(_ name: String) throws {
        // ASCII has one form; a table of a million slides need not have it looked for.
        let text = name.utf8.allSatisfy { $0 < 0x80 } ? name : name.precomposedStringWithCanonicalMapping
        guard Self.isSafe(text) else {
            throw Failure(.unsafeID, nil, "\(Self.shown(name)) is not a safe slide id; use \(Self.rule)")
        }
        self.text = text
    }

    /// Its name was checked.
    init(of unit: UnitID) { text = unit.text }

    /// What an id may be, in words.
    public static let rule = "letters, digits, spaces and ._-+()#,=@&' (1 to 200 bytes, a letter or digit first)"

    /// A name of any kind for a message: in quotes, without what a terminal would act on.
    public static func shown(_ name: String) -> String { "'\(ShownText.line(name, limit: 60))'" }

    private static func isSafe(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last,
            text.utf8.count <= 200, isLetterOrDigit(first), last != " ", last != "."
        else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            isLetterOrDigit(scalar) || isSign(scalar) || isMark(scalar)
        }
    }

    private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", ".", "_", "-", "+", "(", ")", "#", ",", "=", "@", "&", "'": true
        default: false
        }
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": return true
            default: return false
            }
        }
        return isForeignLetterOrDigit(scalar)
    }

    private static func isForeignLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }

    /// Two ids that differ only in letter case would collide on many file systems.
    public var collisionKey: String { text.lowercased() }

    public var description: String { text }

    public static func < (left: SlideID, right: SlideID) -> Bool { left.text < right.text }
}

extension SlideID: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
