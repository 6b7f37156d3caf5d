/// A span of time as people and Slurm write it: `5400` (seconds), `90m`, `2h30m`, `1.5h`, `MM:SS`, `HH:MM:SS`, `D-HH:MM:SS`.
public struct TimeSpan: Equatable, Sendable {
    public let seconds: Double

    private static let units: [(letter: Character, seconds: Double)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
    /// Some thirty years.
    static let most = 1e9

    /// nil for what is no span of time, or a longer one than any machine lives.
    public init?(_ text: String) {
        guard let seconds = Self.clock(text) ?? Self.worded(text), seconds <= Self.most else { return nil }
        self.seconds = seconds
    }

    init(seconds: Double) { self.seconds = seconds }

    /// Digits and colons; the hours of Slurm's `days-hours` may stand alone.
    private static func clock(_ text: String) -> Double? {
        guard let match = text.wholeMatch(of: /(?:(\d{1,6})-)?(\d{1,9})((?::\d{2}){0,2})/), let first = Double(match.2)
        else {
            return nil
        }
        let rest = match.3.split(separator: ":").compactMap { Double($0) }
        guard rest.allSatisfy({ $0 < 60 }) else { return nil }
        if let days = match.1.flatMap({ Double($0) }) {
            guard first < 24 else { return nil }
            let parts = [first] + rest + [0, 0]
            return days * 86400 + parts[0] * 3600 + parts[1] * 60 + parts[2]
        }
        return rest.reduce(first) { $0 * 60 + $1 }
    }

    /// Numbers with units, the longest unit first and each once.
    private static func worded(_ text: String) -> Double? {
        var rest = text.lowercased()[...]
        var (seconds, longest) = (0.0, Double.infinity)
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            guard let match = rest.prefixMatch(of: /(\d{1,9}(?:\.\d{1,6})?)([dhms])/), let number = Double(match.1),
                let unit = units.first(where: { match.2 == String($0.letter) })?.seconds, unit < longest
            else { return nil }
            seconds += number * unit
            longest = unit
            rest = rest[match.range.upperBound...]
        }
        return seconds
    }
}
