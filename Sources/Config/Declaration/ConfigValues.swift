import Files
public import Records

/// The values of a key: their type, their limits, and how one is checked and shown.
public struct ConfigValues<Value: Codable & Sendable>: Sendable {
    let shape: ConfigShape
    /// - Throws: `ConfigError` with the key path.
    let check: @Sendable (Value, _ path: String) throws -> Void
    let text: @Sendable (Value) throws -> ConfigText

    init(_ shape: ConfigShape, allows: @escaping @Sendable (Value) -> Bool = { _ in true }) {
        self.init(shape) { try ConfigError.check(allows($0), $1, "\(shape.wanted) is wanted here") }
    }

    init(_ shape: ConfigShape, check: @escaping @Sendable (Value, String) throws -> Void) {
        (self.shape, self.check) = (shape, check)
        text = { .value(String(decoding: try CanonicalJSON.line($0), as: UTF8.self)) }
    }

    /// These values, and a check of what their shape does not tell.
    /// - Parameter message: what is said where it fails.
    public func and(_ message: String, _ holds: @escaping @Sendable (Value) -> Bool) -> Self {
        Self(shape) {
            try check($0, $1)
            try ConfigError.check(holds($0), $1, message)
        }
    }
}

extension ConfigValues where Value == Double {
    public static func number(_ range: ClosedRange<Double>, _ unit: String? = nil) -> Self {
        number(ConfigRange(lower: range.lowerBound, upper: range.upperBound), unit)
    }

    public static func number(_ range: Range<Double>, _ unit: String? = nil) -> Self {
        number(ConfigRange(lower: range.lowerBound, upper: range.upperBound, isBelow: true), unit)
    }

    public static func number(_ range: PartialRangeFrom<Double>, _ unit: String? = nil) -> Self {
        number(ConfigRange(lower: range.lowerBound), unit)
    }

    /// The lower bound itself is left out.
    public static func number(above lower: Double, to upper: Double, _ unit: String? = nil) -> Self {
        number(ConfigRange(lower: lower, upper: upper, isAbove: true), unit)
    }

    /// Both bounds are left out.
    public static func number(above lower: Double, below upper: Double? = nil, _ unit: String? = nil) -> Self {
        number(ConfigRange(lower: lower, upper: upper, isAbove: true, isBelow: upper != nil), unit)
    }

    public static var number: Self { number(ConfigRange()) }

    private static func number(_ range: ConfigRange, _ unit: String? = nil) -> Self {
        Self(.number(range, unit: unit)) { range.contains($0) }
    }
}

extension ConfigValues where Value == Int {
    public static func whole(_ range: ClosedRange<Int>, _ unit: String? = nil) -> Self {
        Self(.whole(UInt64(range.lowerBound)...UInt64(range.upperBound), unit: unit)) { range.contains($0) }
    }

    /// One number beside a range, such as 0 for never.
    public static func whole(_ other: Int, or range: ClosedRange<Int>) -> Self {
        let (single, several) = (whole(other...other).shape, whole(range).shape)
        return Self(.either([single, several])) { $0 == other || range.contains($0) }
    }
}

extension ConfigValues where Value == UInt64 {
    /// Any number that a generator of random numbers can begin with.
    public static var seed: Self { Self(.whole(0...UInt64.max, unit: nil)) }
}

extension ConfigValues where Value == Bool {
    public static var flag: Self { Self(.flag) }
}

extension ConfigValues where Value == String {
    public static var text: Self {
        Self(.text(isEmptyAllowed: false)) { try ConfigError.checkNotEmpty($0, $1) }
    }

    public static var anyText: Self { Self(.text(isEmptyAllowed: true)) }
}

extension ConfigValues where Value == [String: String] {
    public static var table: Self { Self(.table) }
}

extension ConfigValues where Value: DescribedChoice {
    public static var choice: Self { choice(Array(Value.allCases)) }

    /// - Parameter allowed: of the words.
    public static func choice(_ allowed: [Value]) -> Self {
        let words = Set(allowed.map(\.rawValue))
        return Self(.choice(allowed.map { ConfigWord(word: $0.rawValue, meaning: $0.meaning) })) {
            words.contains($0.rawValue)
        }
    }
}

extension ConfigValues {
    /// - Parameter isDistinct: whether no value may occur twice.
    public static func list<Element: Codable & Sendable & Hashable>(
        of values: ConfigValues<Element>,
        _ count: ClosedRange<Int> = 1...Int.max,
        isDistinct: Bool = false
    ) -> Self where Value == [Element] {
        let shape = ConfigShape.list(of: values.shape, count: count, isDistinct: isDistinct)
        return Self(shape) { list, path in
            try ConfigError.check(count.contains(list.count), path, "\(shape.wanted) is wanted here")
            if isDistinct { try ConfigError.checkDistinct(list, path) }
            for (index, element) in list.enumerated() { try values.check(element, "\(path)[\(index)]") }
        }
    }
}

extension ConfigValues {
    /// Several sections, in an order.
    public static func sections<Element: ConfigSection>(_ count: ClosedRange<Int>) -> Self where Value == [Element] {
        let shape = ConfigShape.list(of: .section(ConfigOutline(Element.self)), count: count, isDistinct: false)
        return Self(shape) { list, path in
            try ConfigError.check(count.contains(list.count), path, "\(shape.wanted) is wanted here")
            for (index, element) in list.enumerated() { try element.check(at: "\(path)[\(index)]") }
        }
    }
}

extension ConfigValues where Value: ConfigSection {
    public static var section: Self {
        Self(.section(ConfigOutline(Value.self)), check: { try $0.check(at: $1) }, text: { try $0.shown() })
    }
}

extension ConfigValues {
    init(
        _ shape: ConfigShape,
        check: @escaping @Sendable (Value, String) throws -> Void,
        text: @escaping @Sendable (Value) throws -> ConfigText
    ) { (self.shape, self.check, self.text) = (shape, check, text) }
}

extension ConfigError {
    /// - Throws: `ConfigError` for the first value of a list that is one before it; it names both.
    static func checkDistinct(_ list: [some Hashable], _ path: String) throws {
        var places: [AnyHashable: Int] = [:]
        for (place, value) in list.enumerated() {
            if let first = places.updateValue(place, forKey: value) { throw twin(place, of: first, path) }
        }
    }

    /// Of a list's value that says what an earlier one says, be it in other words.
    static func twin(_ place: Int, of first: Int, _ path: String) -> ConfigError {
        ConfigError("\(path)[\(place)]", "[\(place)] is the same as [\(first)]; leave one of them out")
    }
}
