import Foundation
import Imaging
import Records

/// Slides in TIFF that are read here: what OpenSlide does not open, and what it opens as a pyramid of tiles without the colours,
/// levels or tiles that it has.
enum TIFFSlide {
    /// - Returns: nil for a file that libtiff does not open, and for one of a scanner whose images are no plain pyramid.
    /// - Throws: `SlideFault`.
    static func open(_ files: SlideFiles, _ rules: ReadingRules) throws -> (any SlideReader)? {
        let path = files.main.path
        guard let directories = TIFFFile(path: path)?.directories(), !directories.isEmpty,
            !isScanners(directories, path)
        else { return nil }
        do {
            let image = try TIFFImage(directories, file: files.main.lastPathComponent, rules)
            let whole = image.levels[0][0]
            let isRangeStated = whole.highest > whole.lowest
            let range = isRangeStated ? whole.lowest...whole.highest : 0...65_535
            let levels = try image.levels.prefix(SlideAccount.mostLevels).map { level in
                try tiles(path, level, range: range, rules)
            }
            var account = account(of: image, directories, sizes: levels.map(\.grid.size))
            account.notes = image.notes
            let form = try TIFFForm(whole, planes: image.levels[0].count, rules)
            if whole.bits > 8, !isRangeStated || form != .samples {
                account.notes.append("16 bits of unknown range are scaled to 8 by all of it: the slide may look dark")
            }
            return TiledReader(account, levels: levels, profile: whole.iccProfile)
        } catch let error as SlideError { throw SlideFault(text: error.message, refusal: error) }
    }

    /// Whether a slide that OpenSlide opens is left to us: one that is not 8-bit colour, or stored so that it fails to read it, and a
    /// plain TIFF whose largest image, smaller levels, missing tiles or turned images it does not see.
    /// - Parameter vendor: in OpenSlide's words.
    /// - Throws: `SlideFault` where a file that has just been opened cannot be looked into.
    static func takesOver(_ files: SlideFiles, of vendor: String) throws -> Bool {
        let (path, rgb, yCbCr): (String, UInt16, UInt16) = (files.main.path, 2, 6)
        guard ["generic-tiff", "aperio"].contains(vendor) else { return false }
        guard let directories = TIFFFile(path: path)?.directories(), let first = directories.first else {
            throw SlideFault(text: "its first directory cannot be read")
        }
        guard !isScanners(directories, path) else { return false }
        guard [rgb, yCbCr].contains(first.photometric), first.hasBytes, first.samples >= 3, !first.hasUnknownSamples,
            !directories.contains(where: \.hasOddTiles)
        else { return true }
        guard vendor == "generic-tiff" else { return false }
        // What else lies in these is told apart by their descriptions alone.
        let description = first.description ?? ""
        let ome = OMEImages(description: description, file: files.main.lastPathComponent)
        let isOther = ome?.images.contains { $0.depth > 1 || $0.planes.first != 0 } ?? false
        if QPTIFF.isOne(description) || OMEImages.companion(description: description) != nil || isOther
            || (ome?.images.count ?? 0) > 1 || ome?.isOfSet == true
        {
            return true
        }
        // It takes the first, and those that are marked as reduced.
        let others = directories.dropFirst().filter { !$0.isMask }
        return first.children.contains { $0.seenSize.isReduced(from: first.seenSize) }
            || others.contains { $0.seenSize.area > first.seenSize.area || $0.seenSize == first.seenSize }
            || directories.contains { $0.isTiled && ($0.turn != .none || isSparse($0, path)) }
    }

    private static func isSparse(_ directory: TIFFDirectory, _ path: String) -> Bool {
        guard directory.partCount <= TIFFForm.mostParts, let file = TIFFFile(path: path, directory) else {
            return false
        }
        return (0..<directory.partCount).contains { file.byteCount(of: $0) == 0 }
    }

    /// Formats whose images overlap, have gaps or are stored in a way of their own (Ventana, Leica, Philips, Trestle, Hamamatsu).
    private static func isScanners(_ directories: [TIFFDirectory], _ path: String) -> Bool {
        let hamamatsuVersion: UInt32 = 65_420
        return directories.contains { directory in
            let text = directory.description ?? ""
            return (text.hasPrefix("level=") && text.contains("mag="))
                || text.contains("leica-microsystems.com/scn") || text.contains("DPUfsImport")
                || ["Philips", "MedScan"].contains { directory.software?.hasPrefix($0) == true }
        } || TIFFFile.has(hamamatsuVersion, path: path)
    }

    private static func tiles(
        _ path: String,
        _ level: [TIFFDirectory],
        range: ClosedRange<Double>,
        _ rules: ReadingRules
    ) throws -> any TileSource {
        let form = try TIFFForm(level[0], planes: level.count, rules)
        let stored = try stored(path, level, form, range: range, rules)
        return level[0].turn == .none ? stored : TurnedTiles(stored, level[0].turn)
    }

    private static func stored(
        _ path: String,
        _ level: [TIFFDirectory],
        _ form: TIFFForm,
        range: ClosedRange<Double>,
        _ rules: ReadingRules
    ) throws -> any TileSource {
        let directory = level[0]
        guard directory.isTiled else { return try StripedTiles(path: path, level, form, range: range, rules) }
        guard form == .jpeg else { return try TIFFTiles(path: path, level, form, range: range) }
        guard let file = TIFFFile(path: path, directory) else { throw SlideFault(text: "a directory cannot be read") }
        let parts = StoredParts(file, pixels: directory.partSize.area)
        guard let tiles = JPEGTiles(parts, directory, try parts.components(of: directory, rules)) else {
            throw SlideFault(text: "the tables of its JPEG tiles cannot be decoded")
        }
        return tiles
    }

    private static func account(
        of image: TIFFImage,
        _ directories: [TIFFDirectory],
        sizes: [PixelSize]
    ) -> SlideAccount {
        let (whole, first) = (image.levels[0][0], directories[0])
        let levels = sizes.map { size in
            SlideAccount.Level(
                width: Int64(size.width),
                height: Int64(size.height),
                downsample: size.downsample(from: sizes[0])
            )
        }
        var properties = ["tiff.ImageDescription": first.description ?? ""]
        for (index, level) in image.levels.enumerated() {
            properties["level \(index)"] = level.map(\.stated).joined(separator: ", ")
        }
        properties["resolution"] = whole.resolution.map { "\($0.mppX) \($0.mppY)" }
        properties["colour profile"] = whole.iccProfile.map { "\($0.count)" }
        return SlideAccount(
            vendor: image.vendor,
            levelCount: image.levels.count,
            levels: levels,
            // Each is an image of its own.
            scenes: image.scenes.map { PixelRect(x: 0, y: 0, width: $0.width, height: $0.height) },
            mppX: image.mpp?.x,
            mppY: image.mpp?.y,
            resolution: whole.resolution,
            omePixel: image.omePixel,
            hasICCProfile: whole.iccProfile != nil,
            properties: properties
        )
    }
}

extension TIFFDirectory {
    /// Whether its samples are bytes without a sign.
    fileprivate var hasBytes: Bool { bits == 8 && (sampleFormat == 1 || sampleFormat == 4) }

    /// Whether it has samples beyond the colours and an alpha: libtiff's own conversion takes the first for an alpha, whatever it is.
    fileprivate var hasUnknownSamples: Bool { samples > 4 || samples == 4 && !(1...2).contains(firstExtra) }

    /// Tiles that are not compressed and whose bytes fill no whole KiB: the libtiff of OpenSlide 4.0.1 takes the rest of its memory
    /// for bytes too many.
    fileprivate var hasOddTiles: Bool { isTiled && compression == 1 && !decodedBytes.isMultiple(of: 1024) }
}
