import CJPEG
import Files
import Foundation
import Records

/// Whether the tags of a TIFF's tiled JPEG directories are right about their components.
extension TIFFWalk {
    /// - Returns: false where a directory's tiles are other components than its tag 262 says.
    /// - Throws: as `JPEGColour.components`; `StorageError` where the disk does not give a tile.
    func hasRightPhotometric(_ rules: ReadingRules) throws -> Bool {
        for directory in directories {
            guard let stated = directory.statedComponents, let evidence = try jpegEvidence(of: directory),
                evidence.componentIDs.count == 3, let tag = UInt16(exactly: directory.photometric)
            else { continue }
            if try JPEGColour.components(evidence, photometric: tag, rules) != stated { return false }
        }
        return true
    }

    /// Of the first tile that has bytes and a header that makes sense; nil where none of the first few has.
    private func jpegEvidence(of directory: Directory) throws(StorageError) -> JPEGEvidence? {
        guard let offsets = directory.tileOffsets, let counts = directory.tileByteCounts else { return nil }
        let tables = try directory.jpegTables.map { (values) throws(StorageError) in
            [UInt8](try file.read(min(values.count, Self.longestHeader), at: values.position))
        }
        var (tile, tries) = (0, 0)
        while true {
            let some = try numbers(counts, from: tile)
            if some.isEmpty { return nil }
            for count in some {
                defer { tile += 1 }
                guard count > 0, let offset = try self[offsets, tile], offset > 0, offset < file.count else { continue }
                let length = min(count, file.count - offset, Self.longestHeader)
                let bytes = [UInt8](try file.read(length, at: offset))
                if let evidence = JPEGEvidence(bytes, tables: tables) { return evidence }
                tries += 1
                if tries == Self.mostTries { return nil }
            }
        }
    }

    /// A tile with its ICC profile may have a long one.
    private static let longestHeader = 1 << 20
    private static let mostTries = 8
}

extension TIFFWalk.Directory {
    /// What a reader that follows the tag takes the tiles' components for; nil where they are not tiled JPEG in colour.
    fileprivate var statedComponents: cjpeg_components? {
        let jpeg = 7
        guard compression == jpeg, tileOffsets != nil else { return nil }
        return switch UInt16(exactly: photometric) {
        case TIFFPhotometric.rgb: CJPEG_RGB
        case TIFFPhotometric.yCbCr: CJPEG_YCBCR
        default: nil
        }
    }
}

extension JPEGEvidence {
    /// - Parameter stream: a tile, or the beginning of one.
    init?(_ stream: [UInt8], tables: [UInt8]?) {
        let found = stream.withUnsafeBufferPointer { stream in
            guard let tables else { return JPEGEvidence(stream: stream, tables: nil) }
            return tables.withUnsafeBufferPointer { JPEGEvidence(stream: stream, tables: $0) }
        }
        guard let found else { return nil }
        self = found
    }
}
