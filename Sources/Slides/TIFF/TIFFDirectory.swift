import CTIFF
import Records

/// How a directory of a TIFF stores its image (TIFF 6.0; numbers are the tags' own), nothing of it believed yet.
struct TIFFDirectory {
    /// Where it lies in the file.
    var offset: UInt64
    var size: PixelSize
    var isTiled: Bool
    /// Of a tile; of a strip the image's width and the rows of all strips but the last.
    var partSize: PixelSize
    /// Tiles or strips, of all planes.
    var partCount: Int
    /// Of one plane where there are several: of a decoded tile, or of a decoded row of strips.
    var decodedBytes: Int
    /// Bits of NewSubfileType.
    var subfileType: UInt32
    var compression: UInt16
    var photometric: UInt16
    /// Whether each sample has tiles or strips of its own.
    var isPlanar: Bool
    var bits: Int
    var samples: Int
    var sampleFormat: UInt16
    var orientation: UInt16
    /// Samples beyond the colours, and what the first of them is.
    var extraCount: Int
    var firstExtra: UInt16
    var resolution: TIFFResolution?
    /// What the samples are said to lie between; equal where nothing is said.
    var lowest: Double
    var highest: Double
    var description: String?
    var software: String?
    var jpegTables: [UInt8]?
    var iccProfile: [UInt8]?
    /// Of its SubIFDs.
    var childOffsets: [UInt64]
    var children: [TIFFDirectory] = []

    /// - Returns: nil where a number does not fit.
    init?(_ found: ctiff_directory) {
        guard let decoded = Int(exactly: found.decoded_bytes), found.width <= Int32.max, found.height <= Int32.max,
            found.part_width <= Int32.max, found.part_height <= Int32.max
        else { return nil }
        (offset, decodedBytes) = (found.offset, decoded)
        size = PixelSize(width: Int(found.width), height: Int(found.height))
        (isTiled, partCount) = (found.is_tiled != 0, Int(found.part_count))
        partSize = PixelSize(width: Int(found.part_width), height: Int(found.part_height))
        (subfileType, compression, photometric) = (found.subfile_type, found.compression, found.photometric)
        (isPlanar, bits, samples) = (
            found.planar_configuration == 2, Int(found.bits_per_sample), Int(found.samples_per_pixel)
        )
        (sampleFormat, orientation) = (found.sample_format, found.orientation)
        (extraCount, firstExtra) = (Int(found.extra_count), found.first_extra)
        let units: [UInt16: String] = [2: "inch", 3: "centimeter"]
        resolution = TIFFResolution(
            x: found.x_resolution,
            y: found.y_resolution,
            unit: units[found.resolution_unit]
        )
        (lowest, highest) = (found.lowest, found.highest)
        description = found.description.map { String(cString: $0) }
        software = found.software.map { String(cString: $0) }
        func bytes(_ start: UnsafePointer<UInt8>?, _ count: UInt32) -> [UInt8]? {
            start.map { Array(UnsafeBufferPointer(start: $0, count: Int(count))) }
        }
        jpegTables = bytes(found.jpeg_tables, found.jpeg_tables_count)
        iccProfile =
            found.icc_profile_count <= Self.largestProfile ? bytes(found.icc_profile, found.icc_profile_count) : nil
        childOffsets = Array(UnsafeBufferPointer(start: found.children, count: Int(found.child_count)))
    }

    /// Bytes; profiles of scanners have thousands, and each of thousands of directories may have one.
    private static let largestProfile: UInt32 = 4 << 20

    /// How it is turned for people to see (tag 274).
    var turn: ImageTurn { ImageTurn(rawValue: orientation) ?? .none }

    /// Once it is turned as it is to be seen.
    var seenSize: PixelSize { turn.isOnItsSide ? PixelSize(width: size.height, height: size.width) : size }

    /// Of one channel: black or white is 0.
    var isGrey: Bool { photometric <= 1 }
    var isReduced: Bool { subfileType & 1 != 0 }
    var isMask: Bool { subfileType & 4 != 0 }

    /// Whether a file that is opened again has the same image at the same place.
    func isSameImage(as other: TIFFDirectory) -> Bool {
        size == other.size && isTiled == other.isTiled && partSize == other.partSize
            && partCount == other.partCount && decodedBytes == other.decodedBytes
            && compression == other.compression && samples == other.samples
    }

    /// For comparing what a file says at two times; never told.
    var stated: String {
        let sides = "\(size.width)x\(size.height)/\(partSize.width)x\(partSize.height)"
        let numbers = [
            UInt64(subfileType), UInt64(compression), UInt64(photometric), isPlanar ? 1 : 0, UInt64(bits),
            UInt64(samples), UInt64(orientation), offset,
        ]
        return ([sides] + numbers.map(String.init)).joined(separator: " ")
    }
}
