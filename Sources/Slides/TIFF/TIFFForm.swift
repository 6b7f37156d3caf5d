import CTIFF
import Records

/// By what the image of a TIFF's directory is decoded, once its form is known to be one that is read.
enum TIFFForm: Equatable {
    /// Three components in one stream.
    case jpeg
    /// One component or three in one stream.
    case jpeg2000
    /// libtiff, without loss or WebP.
    case samples

    /// - Throws: `SlideError.refused`, `.geometry`.
    init(_ directory: TIFFDirectory, planes: Int = 1, _ rules: ReadingRules) throws {
        try Self.checkChannels(directory, planes: planes, rules)
        try Self.checkParts(directory)
        switch directory.compression {
        case 7 where directory.bits == 8 && directory.samples == 3 && !directory.isPlanar: self = .jpeg
        case 33003, 33004, 33005, 34712:
            guard !directory.isPlanar, planes == 1, [1, 3].contains(directory.samples) else {
                throw SlideError.unread(format: "JPEG 2000 in planes or with extra samples", wayOut: WayOut.otherCodec)
            }
            guard directory.partSize.width * directory.partSize.height <= Self.largestJPEG2000 else {
                throw SlideError.unread(
                    format: "JPEG 2000 in tiles of more than 2048 × 2048 pixels",
                    wayOut: WayOut.otherCodec
                )
            }
            self = .jpeg2000
        case let compression where Self.libtiffs.contains(compression):
            guard directory.photometric != 6 else {
                throw SlideError.unread(
                    format: "YCbCr in another form than JPEG of 3 components",
                    wayOut: WayOut.conversion
                )
            }
            guard ctiff_decodes(compression) != 0 else {
                throw SlideError.refused(
                    "a TIFF in compression \(compression), which the installed libtiff does not decode",
                    wayOut: WayOut.otherCodec
                )
            }
            self = .samples
        default:
            throw SlideError.unread(
                format: "a TIFF in compression \(directory.compression)",
                wayOut: WayOut.otherCodec
            )
        }
    }

    private static func checkChannels(_ directory: TIFFDirectory, planes: Int, _ rules: ReadingRules) throws {
        let (unsigned, undefined): (UInt16, UInt16) = (1, 4)
        let count = directory.samples
        let channels =
            (count == 1 ? "1 channel" : "\(count) channels") + " of "
            + (directory.bits == 1 ? "1 bit" : "\(directory.bits) bits")
        guard [unsigned, undefined].contains(directory.sampleFormat) else {
            let kind = directory.sampleFormat == 2 ? "signed" : "floating-point"
            throw SlideError.pixels("\(channels), \(kind)")
        }
        guard directory.bits == 8 || directory.bits == 16 else {
            throw SlideError.pixels(channels)
        }
        let photometric = directory.photometric
        switch photometric {
        case 0, 1:
            // One more may be its alpha.
            guard count - directory.extraCount <= 1, count <= 2 else {
                throw SlideError.pixels(channels)
            }
            guard planes == 3 || rules.acceptsGrey else {
                throw SlideError.pixels("grey, \(channels)", wayOut: WayOut.grey)
            }
        // The colours of a picture, or JPEG's.
        case 2, 6:
            guard (3...4).contains(count) else {
                throw SlideError.pixels(channels)
            }
        case 3: throw SlideError.pixels("numbers of a palette, as masks have", wayOut: WayOut.mask)
        case .max where count == 3: break
        default:
            let name = [5: "CMYK", 8: "CIELab", 9: "ICCLab", 10: "ITULab"][photometric].map { ", \($0)" } ?? ""
            throw SlideError.pixels("\(channels) and TIFF photometric \(photometric)\(name)")
        }
    }

    /// Bounds of what is decoded at once; beyond them no honest writer goes.
    private static func checkParts(_ directory: TIFFDirectory) throws {
        let (width, height) = (directory.partSize.width, directory.partSize.height)
        let sides = 1...Int(UInt16.max)
        guard directory.partCount <= mostParts else {
            throw SlideError.geometry("\(directory.partCount) tiles or strips, \(mostParts) are read")
        }
        guard (1...Int(Int32.max)).contains(directory.size.width), (1...Int(Int32.max)).contains(directory.size.height)
        else { throw SlideError.geometry("\(directory.size.width) × \(directory.size.height) pixels") }
        let columns = (directory.size.width - 1) / max(1, width) + 1
        let rows = (directory.size.height - 1) / max(1, height) + 1
        let planes = directory.isPlanar ? directory.samples : 1
        guard width > 0, height > 0, columns * rows * planes == directory.partCount else {
            throw SlideError.geometry("\(directory.partCount) tiles or strips of \(width) × \(height) pixels")
        }
        guard directory.isTiled else {
            return try StripedTiles.check(directory.size)
        }
        guard sides.contains(width), sides.contains(height), width * height <= largestTile else {
            throw SlideError.unread(format: "a TIFF in tiles of \(width) × \(height) pixels", wayOut: WayOut.conversion)
        }
    }

    /// None, LZW, deflate (two numbers), PackBits, LERC, LZMA, Zstandard, WebP, and JPEG of single planes.
    private static let libtiffs: Set<UInt16> = [1, 5, 7, 8, 32_773, 32_946, 34_887, 34_925, 50_000, 50_001]
    /// Tiles of 128 pixels of a slide of 250,000 × 250,000.
    static let mostParts = 1 << 22
    /// Of pixels.
    private static let largestTile = 1 << 24
    private static let largestJPEG2000 = 1 << 22
}
