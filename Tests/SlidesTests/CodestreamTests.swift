import Foundation
import Records
import TestSupport
import Testing

@testable import Slides

/// JPEG 2000 whose header alone would cost OpenJPEG far more memory than the pixels do.
@Suite struct CodestreamTests {
    /// A codestream without an honest bit (ISO/IEC 15444-1, annex A).
    struct Made {
        var width = 1024
        var height = 1024
        var tile: (width: Int, height: Int)?
        var components = 3
        var depth: UInt8 = 7
        var levels: UInt8 = 1
        var layers = 1
        /// Exponents less 2.
        var block: UInt8 = 4
        /// Exponents of both sides, of every level; nil where none are stated.
        var precincts: UInt8?
        /// As stated by a part of a tile.
        var partsPrecincts: UInt8?
        /// Of the part of a tile, in place of its own.
        var partLength: Int?

        var data: Data {
            let tile = tile ?? (width, height)
            let sizes = [width, height, 0, 0, tile.width, tile.height, 0, 0].flatMap { bytes($0, 4) }
            let all = [[UInt8]](repeating: [depth, 1, 1], count: components).flatMap(\.self)
            var part = partsPrecincts.map { coding($0) } ?? Data()
            part += Data([0xFF, 0x93]) + Data(count: 64)
            let length = bytes(partLength ?? part.count + 12, 4)
            var data = Data([0xFF, 0x4F])
            data += segment(0x51, bytes(0, 2) + sizes + bytes(components, 2) + all)
            data += coding(precincts)
            data += segment(0x5C, [0x40] + [UInt8](repeating: 0x40, count: 3 * Int(levels) + 1))
            data += segment(0x90, bytes(0, 2) + length + [0, 1])
            return data + part + [0xFF, 0xD9]
        }

        private func coding(_ precincts: UInt8?) -> Data {
            let sides: [UInt8] = precincts.map { Array(repeating: $0, count: Int(levels) + 1) } ?? []
            let head: [UInt8] = [precincts == nil ? 0 : 1, 0] + bytes(layers, 2) + [components == 1 ? 0 : 1]
            return segment(0x52, head + [levels, block, block, 0, 1] + sides)
        }

        private func segment(_ marker: UInt8, _ content: [UInt8]) -> Data {
            Data([0xFF, marker] + bytes(content.count + 2, 2) + content)
        }

        private func bytes(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).reversed().map { UInt8(value >> (8 * $0) & 255) }
        }

        /// The same in a JP2 file, whose header says one honest thing.
        var boxed: Data {
            func box(_ name: String, _ content: Data, length: Int? = nil) -> Data {
                Data(bytes(length ?? content.count + 8, 4)) + Data(name.utf8) + content
            }
            let header = Data(bytes(height, 4) + bytes(width, 4) + bytes(components, 2) + [7, 7, 0, 0])
            let colour = box("colr", Data([1, 0, 0] + bytes(16, 4)))
            let kind = box("ftyp", Data("jp2 ".utf8) + Data(count: 4) + Data("jp2 ".utf8))
            return box("jP  ", Data([13, 10, 0x87, 10])) + kind + box("jp2h", box("ihdr", header) + colour)
                + box("jp2c", data, length: 0)
        }
    }

    private static let hostile: [String: Made] = [
        "components": Made(width: 32, height: 32, tile: (1, 1), components: 16_384),
        "size": Made(width: 1 << 31, height: 1 << 31), "tiles": Made(width: 255, height: 255, tile: (1, 1)),
        "no tiles": Made(tile: (0, 0)), "depth": Made(depth: 37), "signed": Made(depth: 0x87),
        "precincts": Made(precincts: 0x11), "a part's precincts": Made(partsPrecincts: 0x11), "blocks": Made(block: 0),
        "layers": Made(levels: 5, layers: 65_535, precincts: 0x55), "levels": Made(levels: 33),
        "a part of no length": Made(partLength: 13),
    ]

    /// A file with one frame of the size that it is said to have, and whether its pixels are read.
    private static func isRead(_ stream: Data, width: Int = 1024, height: Int = 1024) throws -> Bool {
        var file = TestDICOM(instance: "1.2.5", width: width, height: height, frames: [stream])
        (file.transferSyntax, file.photometric) = (TestDICOM.jpeg2000, "YBR_RCT")
        (file.tileWidth, file.tileHeight) = (width, height)
        let slide = try MadeDICOM(["a.dcm": file]).open("a.dcm")
        return (try? slide.read(level: 0, x: 0, y: 0, width: 8, height: 8)) != nil
    }

    /// The most memory that this process had, in MB.
    private static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        return try #require(status.firstMatch(of: /VmHWM:\s*([0-9]+)/).flatMap { Int($0.1) }) >> 10
    }

    @Test func oneThatIsDividedAsPicturesAreIsDecoded() throws {
        for made in [Made(), Made(tile: (128, 100)), Made(layers: 20, precincts: 0x77), Made(partsPrecincts: 0x88)] {
            #expect(try Self.isRead(made.data) && Self.isRead(made.boxed))
        }
    }

    @Test func aHeaderCostsNoMemoryBeyondItsPixels() async {
        await #expect(processExitsWith: .success) {
            let before = try Self.peak()
            for (name, made) in Self.hostile {
                let side = min(made.width, 1024)
                #expect(try !Self.isRead(made.data, width: side, height: side), "\(name)")
                #expect(try !Self.isRead(made.boxed, width: side, height: side), "\(name) in a JP2 file")
            }
            let spent = try Self.peak() - before
            #expect(spent < 64, "\(spent) MB")
        }
    }

    @Test func aBoxThatLiesHasNoCodestream() throws {
        let honest = Made().boxed
        let place = try #require(honest.range(of: Data("jp2c".utf8))?.lowerBound)
        for length in [1, 7, 0x7FFF_FFFF, 16] {
            var lying = honest
            lying.replaceSubrange((place - 4)..<place, with: (0..<4).reversed().map { UInt8(length >> (8 * $0) & 255) })
            #expect(try !Self.isRead(lying), "\(length)")
        }
        #expect(try !Self.isRead(honest.prefix(place)))
    }
}
