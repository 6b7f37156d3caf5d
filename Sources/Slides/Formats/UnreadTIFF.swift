import Files
import Foundation
import Storage

/// Why a TIFF that no reader takes is not read, told by its directories (TIFF 6.0, section 8; tags by number).
enum UnreadTIFF: Equatable {
    /// Bytes that it names lie beyond its end.
    case cut(String)
    /// What it is, and what to do.
    case kind(String, wayOut: String)

    /// - Returns: nil for a file that is no TIFF.
    /// - Throws: `StorageError.system` where the disk does not give a part of it.
    init?(_ file: OpenFile) throws(StorageError) {
        guard let walk = try TIFFWalk(file) else { return nil }
        guard let first = walk.directories.first, !walk.isCut else {
            self = .cut("the TIFF ends before its directories do")
            return
        }
        if let place = try Self.missingPart(of: walk) {
            self = .cut("the TIFF ends before its pixels do, at byte \(walk.count) of at least \(place)")
            return
        }
        self = try Self.kind(of: first, in: walk)
    }

    private static func kind(of first: TIFFWalk.Directory, in walk: TIFFWalk) throws(StorageError) -> UnreadTIFF {
        func number(_ tag: Tag, or other: Int) throws(StorageError) -> Int {
            guard let values = first.entries[tag.rawValue] else { return other }
            return try walk[values, 0] ?? other
        }
        let (bits, samples) = (try number(.bitsPerSample, or: 1), try number(.samplesPerPixel, or: 1))
        let (compression, kind) = (try number(.compression, or: 1), try number(.sampleFormat, or: 1))
        let description = try first.entries[Tag.description.rawValue].map { values throws(StorageError) in
            try walk.text(values)
        }
        let channels = samples > 4 ? samples : samples == 1 ? Self.channels(description.flatMap(\.self) ?? "") : 1
        let jpeg = 7
        if compression == jpeg, bits == 12 {
            return .kind("a TIFF of 12-bit JPEG", wayOut: "export it with 8 bits per sample")
        }
        if channels > 1 {
            return .kind(
                "a TIFF of \(channels) channels, as of fluorescence or multiplexed stains",
                wayOut: WayOut.light
            )
        }
        if bits != 8 || kind > 2 {
            let name = kind == 3 ? "floating-point bits" : "bits"
            return .kind(
                "a TIFF of \(samples == 1 ? "1 channel" : "\(samples) channels") of \(bits) \(name)",
                wayOut: "export the slide as 8-bit RGB, or leave out what is none, such as a mask or fluorescence"
            )
        }
        let (pixels, overflow) = first.width.multipliedReportingOverflow(by: first.height)
        let isTiled = first.tileWidth > 0
        if !isTiled, overflow || pixels > mostStripedPixels {
            return .kind(
                "a TIFF of \(first.width) × \(first.height) pixels in strips, more than 100 million of them",
                wayOut: WayOut.conversion
            )
        }
        return .kind(
            "a TIFF of \(first.width) × \(first.height) pixels in \(isTiled ? "tiles" : "strips") with compression \(compression)",
            wayOut: WayOut.conversion
        )
    }

    /// By OME-XML or by what ImageJ writes; 1 where neither says.
    private static func channels(_ description: String) -> Int {
        if description.contains("OME"), let root = try? XMLTree(Data(description.utf8)).root, root.name == "OME" {
            let counts = root.all("Pixels").compactMap { $0.number("SizeC") }.filter { (1...4096).contains($0) }
            return Int(counts.max() ?? 1)
        }
        guard description.hasPrefix("ImageJ=") else { return 1 }
        let line = description.split(separator: "\n").first { $0.hasPrefix("channels=") }
        return line.flatMap { Int($0.dropFirst("channels=".count)) }.flatMap { (1...4096).contains($0) ? $0 : nil } ?? 1
    }

    /// Where the first tile or strip ends that the file has not; nil where it has all. Tiles without bytes are none.
    private static func missingPart(of walk: TIFFWalk) throws(StorageError) -> Int? {
        for directory in walk.directories {
            for (offsets, counts) in [(Tag.tileOffsets, Tag.tileByteCounts), (.stripOffsets, .stripByteCounts)] {
                guard let offsets = directory.entries[offsets.rawValue], let counts = directory.entries[counts.rawValue]
                else { continue }
                for part in 0..<min(offsets.count, counts.count, mostParts) {
                    guard let offset = try walk[offsets, part], let count = try walk[counts, part], count > 0 else {
                        continue
                    }
                    let (end, overflow) = offset.addingReportingOverflow(count)
                    if overflow || end > walk.count { return overflow ? .max : end }
                }
            }
        }
        return nil
    }

    private enum Tag: Int {
        case bitsPerSample = 258
        case compression = 259
        case description = 270
        case stripOffsets = 273
        case samplesPerPixel = 277
        case stripByteCounts = 279
        case tileOffsets = 324
        case tileByteCounts = 325
        case sampleFormat = 339
    }

    private static let mostStripedPixels = 100_000_000
    /// Of a directory.
    private static let mostParts = 1 << 20
}
