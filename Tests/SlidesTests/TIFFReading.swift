import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Colours of which each place has its own, so that a plane, a row or a mirrored axis in the wrong place shows.
func tiffWeave(_ x: Int, _ y: Int) -> [Int] { [(x * 5 + y) & 255, (y * 7 + 31) & 255, (x ^ y * 3) & 255] }

func tiffPixels(_ width: Int, _ height: Int, _ pixel: (Int, Int) -> [Int] = tiffWeave) -> [UInt8] {
    (0..<height).flatMap { y in (0..<width).flatMap { x in pixel(x, y).map { UInt8($0) } } }
}

/// What our reader, whichever would be asked first, makes of a file.
func openedTIFF(_ path: String, _ rules: ReadingRules = ReadingRules()) throws -> any SlideReader {
    try #require(try TIFFSlide.open(SlideFiles(path), rules))
}

func pixelsOfTIFF(_ reader: any SlideReader, level: Int = 0) throws -> [UInt8] {
    let stated = try reader.account().levels[level]
    let (width, height) = (Int(stated.width), Int(stated.height))
    let read = try [UInt32](unsafeUninitializedCapacity: width * height) { buffer, filled in
        let base = try #require(buffer.baseAddress)
        try reader.read(LevelRect(level: level, x: 0, y: 0, width: width, height: height), into: base)
        filled = width * height
    }
    return ARGBRegion(width: width, height: height, pixels: read).image(on: .white).pixels
}

func refusalOfTIFF(_ made: MadeTIFF, _ rules: ReadingRules = ReadingRules()) throws -> SlideError? {
    try made.use { path in
        do { _ = try TIFFSlide.open(SlideFiles(path), rules) } catch let fault as SlideFault { return fault.refusal }
        return nil
    }
}

/// nil where all bytes are the same.
func firstDifference(_ one: [UInt8], _ other: [UInt8]) -> Int? {
    one.count == other.count ? one.indices.first { one[$0] != other[$0] } : min(one.count, other.count)
}
