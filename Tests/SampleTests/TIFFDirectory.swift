import Foundation

/// The directories of a little-endian classic TIFF file, read without libtiff: what another program would find.
struct TIFFDirectory {
    var numbers: [Int: [Int]] = [:]
    var text: [Int: String] = [:]

    static func all(of url: URL) throws -> [TIFFDirectory] {
        let data = try Data(contentsOf: url)
        func number(_ offset: Int, _ bytes: Int) -> Int {
            (0..<bytes).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
        }
        guard data.prefix(4) == Data([0x49, 0x49, 42, 0]) else { return [] }
        var directories: [TIFFDirectory] = []
        var next = number(4, 4)
        while next != 0 {
            var directory = TIFFDirectory()
            let count = number(next, 2)
            for entry in 0..<count {
                let at = next + 2 + entry * 12
                let width = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1][number(at + 2, 2)] ?? 4
                let values = number(at + 4, 4)
                let start = values * width <= 4 ? at + 8 : number(at + 8, 4)
                if number(at + 2, 2) == 2 {
                    directory.text[number(at, 2)] = String(bytes: data[start..<(start + values - 1)], encoding: .utf8)
                } else {
                    directory.numbers[number(at, 2)] = (0..<values).map { number(start + $0 * width, min(width, 4)) }
                }
            }
            directories.append(directory)
            next = number(next + 2 + count * 12, 4)
        }
        return directories
    }
}
