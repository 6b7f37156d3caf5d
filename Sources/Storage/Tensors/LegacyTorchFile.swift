import Foundation

/// What `torch.save` wrote before PyTorch 1.6, and many published weights still are: pickles one after the other, which say what
/// there is, then the names of the storages, then their numbers.
struct LegacyTorchFile {
    /// Two pickles that hold numbers: that of the format, and its version.
    private static let magic: [UInt8] = [
        0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E, 0x80, 2, 0x4D, 0xE9, 3,
        0x2E,
    ]
    /// The pickle of what wrote the file has about one hundred bytes.
    private static let longestSystem = 4096

    /// What the main pickle holds.
    let value: PickledValue
    private let data: Data
    /// Where the numbers of each storage lie.
    private let places: [String: Range<Int>]

    static func begins(_ data: Data) -> Bool { data.starts(with: magic) }

    /// - Parameters:
    ///   - data: the file, best mapped, which begins so.
    ///   - longest: bytes of the main pickle, and of the names.
    init(_ data: Data, _ content: PickleReader.Content, longest: Int) throws(PickleReader.Refusal) {
        self.data = data
        var position = Self.magic.count
        func read(_ content: PickleReader.Content, _ longest: Int) throws(PickleReader.Refusal) -> (
            value: PickledValue, widths: [String: Int]
        ) {
            var reader = PickleReader(data.dropFirst(position).prefix(longest), content)
            let value = try reader.value()
            position += reader.position
            return (value, reader.widths)
        }
        let endian = PickledValue.Pair(key: .text("little_endian"), value: .flag(true))
        guard case .dictionary(let facts) = try read(.weights, Self.longestSystem).value, facts.contains(endian) else {
            throw PickleReader.Refusal(reason: "its numbers are not little-endian")
        }
        let main = try read(content, longest)
        guard case .tuple(let names) = try read(.names, longest).value else {
            throw PickleReader.Refusal(reason: "the names of its storages are missing")
        }
        var places: [String: Range<Int>] = [:]
        for case .text(let name) in names {
            guard let width = main.widths[name] else {
                throw PickleReader.Refusal(reason: "it has a storage that no tensor is in")
            }
            let count = data.dropFirst(position).prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let left = data.count - position - 8
            guard left >= 0, count <= UInt64(left / width) else {
                throw PickleReader.Refusal(reason: "it ends early, after \(data.count) bytes; download it again")
            }
            let start = position + 8
            position = start + Int(count) * width
            places[name] = start..<position
        }
        (value, self.places) = (main.value, places)
    }

    /// The numbers of a storage; nil where there is none of that name.
    func storage(_ name: String) -> Data? {
        places[name].map { data.dropFirst($0.lowerBound).prefix($0.count) }
    }
}
