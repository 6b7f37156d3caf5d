import Records

/// A number of bytes as people write it: `50G`, `500 MB`, `1.5TiB`. Letters alone count in thousands, as disks are sold.
struct ByteSize: Equatable, Sendable {
    let bytes: Int

    private static let units: [(letter: Character, power: Int)] = [("k", 1), ("m", 2), ("g", 3), ("t", 4), ("p", 5)]

    /// nil for what is no size, is none above zero, or is more than a disk can have.
    init?(_ text: String) {
        let letters = text.lowercased().filter { !$0.isWhitespace }
        let number = letters.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = letters.dropFirst(number.count)
        guard let value = Double(number) else { return nil }
        var scale = 1.0
        if let (_, power) = Self.units.first(where: { unit.first == $0.letter }) {
            unit = unit.dropFirst()
            let isBinary = unit.first == "i"
            if isBinary { unit = unit.dropFirst() }
            for _ in 0..<power { scale *= isBinary ? 1024 : 1000 }
        }
        guard unit.isEmpty || unit == "b" else { return nil }
        let wanted = (value * scale).rounded()
        guard wanted >= 1, wanted < 1e18 else { return nil }
        bytes = Int(wanted)
    }

    /// `1.5 GB`, `20 MB`, `12 kB`
    static func text(_ bytes: Int) -> String {
        for (unit, size) in [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] where Double(bytes) >= size {
            let value = Double(bytes) / size
            return value < 10 ? "\((value * 10).rounded() / 10) \(unit)" : "\(value.rounded().whole) \(unit)"
        }
        return "\(bytes) bytes"
    }
}
