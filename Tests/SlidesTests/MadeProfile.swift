import Foundation

/// An ICC profile of a scanner whose red is sRGB's blue, and whose blue is its red (ICC.1:2022, sections 7 to 10).
struct MadeProfile {
    var deviceClass = "scnr"
    var space = "RGB "
    var intent: UInt32 = 0
    /// Without what says how bright a value is.
    var lacksCurves = false

    var data: Data {
        var tags: [(name: String, content: Data)] = [
            ("wtpt", Self.xyz(0.9642, 1, 0.8249)), ("rXYZ", Self.xyz(0.1431, 0.0606, 0.7139)),
            ("gXYZ", Self.xyz(0.3851, 0.7169, 0.0971)), ("bXYZ", Self.xyz(0.4360, 0.2225, 0.0139)),
        ]
        // One number: a power, 2.2 in 256ths.
        let curve = Data("curv".utf8) + Self.big(0) + Self.big(1) + Data([0x02, 0x33, 0, 0])
        if !lacksCurves { tags += ["rTRC", "gTRC", "bTRC"].map { ($0, curve) } }
        var table = Self.big(UInt32(tags.count))
        var content = Data()
        let start = 128 + 4 + 12 * tags.count
        for tag in tags {
            table += Data(tag.name.utf8) + Self.big(UInt32(start + content.count)) + Self.big(UInt32(tag.content.count))
            content += tag.content
        }
        var header = Self.big(UInt32(start + content.count)) + Self.big(0) + Self.big(0x0210_0000)
        header += Data((deviceClass + space + "XYZ ").utf8) + Data(count: 12) + Data("acsp".utf8) + Data(count: 24)
        header += Self.big(intent) + Self.xyz(0.9642, 1, 0.8249).dropFirst(8)
        return header + Data(count: 128 - header.count) + table + content
    }

    private static func xyz(_ x: Double, _ y: Double, _ z: Double) -> Data {
        [x, y, z].reduce(Data("XYZ ".utf8) + big(0)) { $0 + big(UInt32(($1 * 65536).rounded())) }
    }

    private static func big(_ value: UInt32) -> Data { Data((0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) }) }
}
