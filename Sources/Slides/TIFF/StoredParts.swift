import CJ2K
import CJPEG
import Records

/// The tiles or strips of a directory as they are stored, read into memory that is used over and over. What a tag says of their
/// bytes takes none: it has to fit an honest part and the file, and only what is read from there is ever written to.
final class StoredParts {
    let file: TIFFFile
    private let largest: Int
    private(set) var memory = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    /// - Parameter pixels: of a part, which say how many bytes an honest one has at most.
    init(_ file: TIFFFile, pixels: Int) { (self.file, largest) = (file, 6 * pixels + 65_536) }

    deinit { memory.deallocate() }

    /// Stored bytes; nil for a missing part, and for more bytes than any honest one has, or the file behind its place.
    func byteCount(of part: Int) -> Int? {
        guard let count = file.byteCount(of: part), count > 0, count <= largest else { return nil }
        return count
    }

    /// Whether the file leaves a part out.
    func isMissing(_ part: Int) -> Bool { file.byteCount(of: part) == 0 }

    /// Hands a part over; nil where the file does not give it.
    func with<Result>(_ part: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        guard let count = byteCount(of: part) else { return nil }
        if memory.count < count {
            memory.deallocate()
            memory = .allocate(capacity: min(largest, count + count / 2))
        }
        guard let base = memory.baseAddress, file.readStored(part, count, into: base) else { return nil }
        return body(UnsafeBufferPointer(start: base, count: count))
    }
}

extension StoredParts {
    /// What the JPEG components of the directory are, by its first stream.
    /// - Throws: `SlideError.refused` where nothing decides.
    func components(of directory: TIFFDirectory, _ rules: ReadingRules) throws -> cjpeg_components {
        let evidence = first(of: directory) { stream in
            (directory.jpegTables ?? []).withUnsafeBufferPointer { tables in
                JPEGEvidence(stream: stream, tables: tables.isEmpty ? nil : tables)
            }
        }
        guard let evidence else { return directory.photometric == 6 ? CJPEG_YCBCR : CJPEG_RGB }
        return try JPEGColour.components(evidence, photometric: directory.photometric, rules)
    }

    /// What the components of its JPEG 2000 streams are. Aperio's number 33003 says YCbCr, but other writers use it for what the
    /// codec itself turns back to RGB.
    func components2000(of directory: TIFFDirectory) -> cj2k_components {
        if directory.isGrey { return CJ2K_GREY }
        let saysYCbCr = directory.compression == 33003 || directory.photometric == 6
        let isTransformed = first(of: directory) { JPEG2000Stream.hasColourTransform($0) } ?? false
        return saysYCbCr && !isTransformed ? CJ2K_YCBCR : CJ2K_RGB
    }

    /// Of the first part of which something is found; nil where nothing is in the first few.
    private func first<Result>(
        of directory: TIFFDirectory,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result?
    ) -> Result? {
        var tries = 0
        for part in 0..<min(directory.partCount, TIFFForm.mostParts) {
            if tries == Self.mostTries { break }
            if isMissing(part) { continue }
            if let found = with(part, body) ?? nil { return found }
            tries += 1
        }
        return nil
    }

    private static let mostTries = 8
}

/// The header of a JPEG 2000 codestream (ITU-T T.800, annex A).
enum JPEG2000Stream {
    /// Whether its components are turned into others by the codec (SGcod of the COD marker).
    static func hasColourTransform(_ stream: UnsafeBufferPointer<UInt8>) -> Bool {
        let (sizes, coding, tile): ([UInt8], UInt8, UInt8) = ([0xFF, 0x4F, 0xFF, 0x51], 0x52, 0x90)
        let end = min(stream.count, 65_536)
        guard
            var at = (0..<max(0, end - sizes.count)).first(where: { place in
                sizes.indices.allSatisfy { stream[place + $0] == sizes[$0] }
            })
        else { return false }
        at += 2
        while at + 8 < end, stream[at] == 0xFF, stream[at + 1] != tile {
            if stream[at + 1] == coding { return stream[at + 8] != 0 }
            at += 2 + (Int(stream[at + 2]) << 8 | Int(stream[at + 3]))
        }
        return false
    }
}
