import Foundation
import TestSupport
import Testing

@testable import Slides

/// TIFFs of a few bytes that ask for more than any slide has.
@Suite struct HostileTIFFTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Of one directory whose entries are all one number of 32 bits.
    private func open(_ tags: [UInt16: UInt32]) throws -> Slide {
        func little<Value: FixedWidthInteger>(_ value: Value) -> Data {
            withUnsafeBytes(of: value.littleEndian) { Data($0) }
        }
        var data = Data("II".utf8) + little(UInt16(42)) + little(UInt32(8)) + little(UInt16(tags.count))
        for (tag, value) in tags.sorted(by: { $0.key < $1.key }) {
            data += little(tag) + little(UInt16(4)) + little(UInt32(1)) + little(value)
        }
        data += little(UInt32(0)) + Data(count: 64)
        let file = scratch.file("hostile.tif")
        try data.write(to: file)
        return try Slide(path: file.path)
    }

    private func grey(_ tags: [UInt16: UInt32]) -> [UInt16: UInt32] {
        [256: 64, 257: 64, 258: 8, 259: 1, 262: 1, 277: 1].merging(tags) { $1 }
    }

    @Test(arguments: [3_200_000_000, UInt32.max])
    func sidesBeyondEveryNumberAreRefused(side: UInt32) {
        #expect(throws: SlideError.self) { try open(grey([256: side, 257: side, 273: 8, 278: 1, 279: 8])) }
        #expect(throws: SlideError.self) { try open(grey([256: side, 257: side, 322: 16, 323: 16, 324: 8, 325: 8])) }
        #expect(throws: SlideError.self) {
            try open(grey([256: side, 257: side, 262: 2, 277: 3, 322: side, 323: side, 324: 8, 325: 8]))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func thousandsOfMillionsOfTilesAreNotCounted() {
        for photometric in [1, 2] as [UInt32] {
            let tags = grey([256: 65_000, 257: 65_000, 262: photometric, 277: photometric == 1 ? 1 : 3])
            #expect(throws: SlideError.self) { try open(tags.merging([322: 1, 323: 1, 324: 8, 325: 8]) { $1 }) }
        }
    }

    @Test func bytesThatATagSaysAndTheFileHasNotTakeNoMemory() throws {
        // One tile of 16 million pixels, of which an honest one may have 100 million bytes.
        let tags: [UInt16: UInt32] = [
            256: 4096, 257: 4096, 258: 8, 259: 7, 262: 6, 277: 3, 322: 4096, 323: 4096, 324: 8, 325: 90_000_000,
        ]
        let file = scratch.file("hostile.tif")
        // OpenSlide believes that it is there, until it is read.
        _ = try? open(tags)
        let tiff = try #require(TIFFFile(path: file.path))
        let parts = StoredParts(tiff, pixels: 4096 * 4096)
        #expect(parts.byteCount(of: 0) == nil && !parts.isMissing(0))
        #expect(parts.with(0) { _ in 1 } == nil && parts.memory.isEmpty)
        // A file that has so many bytes, none of them written.
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 90_000_100)
        try handle.close()
        let grown = try #require(TIFFFile(path: file.path))
        #expect(StoredParts(grown, pixels: 4096 * 4096).byteCount(of: 0) == 90_000_000)
        #expect(StoredParts(grown, pixels: 2048 * 2048).byteCount(of: 0) == nil)
    }

    @Test func thousandsOfImagesInOMEAreNotBelieved() throws {
        let image = #"<Image><Pixels SizeX="64" SizeY="64" SizeC="4096" SizeZ="1048576" SizeT="1048576"/></Image>"#
        let text = "<OME>" + String(repeating: image, count: 3000) + "</OME>"
        #expect(try #require(OMEImages(description: text, file: "a.tif")).images.count == 256)
    }
}
