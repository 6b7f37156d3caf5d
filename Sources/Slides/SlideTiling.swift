public import Config
public import Foundation
public import Imaging
public import Records
import Storage

/// Everything `wsi tile` finds out about one slide, ready to be written.
public struct SlideTiling: Sendable {
    public let grid: PatchGrid
    /// Of the grid's patches, in row order.
    public let quality: PatchQuality
    public let slideQuality: SlideQuality
    public let tissue: TissueFacts
    /// Why the grid is empty; nil where it is not.
    public let emptyReason: String?
    /// JPEG of the whole slide, at most 1024 pixels on the longer side.
    public let thumbnail: Data
    /// The slide with the outlines of its tissue, at half the thumbnail's size, as the next two.
    public let contours: Data
    /// The slide with its patches.
    public let visualization: Data
    /// The slide with what was left out and why, and what else is doubtful.
    public let findings: Data
    /// Outlines of the tissue in level-0 pixels.
    public let contoursGeoJSON: Data
    /// Whether the regions' file did not say what its coordinates count from, and the slide has bounds.
    public let regionsOriginIsAssumed: Bool
    /// What was left out of account, levels of the pyramid or regions off the slide, and how pixels of more than 8 bits were taken.
    public let notes: [String]

    /// - Parameters:
    ///   - tableMPP: µm per pixel from a table of the user's; wins over `config.slideMPP`, which is for all slides.
    ///   - regions: where patches may lie, as their file has them.
    /// - Throws: `SlideError`.
    public init(
        of slide: Slide,
        id: SlideID,
        config: TilingConfig,
        tableMPP: Double? = nil,
        regions: AnnotatedRegions? = nil
    ) throws {
        let given =
            tableMPP.map { SlideScale(mpp: $0, source: .table) }
            ?? config.slideMPP.map { SlideScale(mpp: $0, source: .option) }
        let scale = try slide.scale(given: given, acceptInches: config.mppFromTIFF)
        let geometry = try GridPlanner.geometry(of: slide, mpp: scale.mpp, config: config)
        let overview = try Overview(of: slide, maskMPP: config.mask.maskMPP, mpp: scale.mpp)
        try SlideBackground.check(overview, config.mask.background)
        var mask = TissueMask(overview, slideSize: slide.size, mpp: scale.mpp, config.mask)
        var cut: BinaryImage?
        var regionNote: String?
        if let regions {
            let placed = regions.placed(
                scale: 1,
                boundsX: slide.bounds.x,
                boundsY: slide.bounds.y,
                origin: config.regionsOrigin
            )
            regionNote = try placed.noteOfRegions(off: slide.size)
            (mask, cut) = try RegionMask(placed, over: mask).applied(to: mask, overview, config.regionsMode)
        }
        let isOffset = slide.bounds.x != 0 || slide.bounds.y != 0
        regionsOriginIsAssumed = isOffset && config.regionsOrigin == nil && regions != nil && regions?.origin == nil
        let planned = try GridPlanner.corners(in: slide.pyramid, geometry, tissue: mask, config: config)
        let artefacts = config.mask.background == .bright ? Artefacts(overview, tissue: mask) : nil
        let selection = try PatchSelection(
            of: slide,
            planned,
            geometry,
            mpp: scale.mpp,
            tissue: mask,
            artefacts,
            config: config
        )
        grid = PatchGrid(
            slide: id,
            geometry: geometry,
            scale: scale,
            slideSize: slide.size,
            bounds: slide.bounds,
            corners: selection.corners
        )
        quality = selection.quality
        slideQuality = selection.slide
        tissue = mask.facts
        emptyReason = mask.facts.emptyReason ?? selection.emptyReason(config)
        let polygons = mask.polygons()
        contoursGeoJSON = try TissueGeoJSON.data(polygons)
        let whole = try Self.thumbnail(of: slide, overview)
        let pictures = SlidePictures(thumbnail: whole, slideSize: slide.size)
        let findings = FindingsPicture(pictures, geometry.sideLevel0, mask.scale)
            .drawn(selection, artefacts, outside: cut)
        func encoded(_ picture: RGBImage) throws -> Data {
            try JPEGFile.encode(picture, quality: SlidePictures.drawnQuality)
        }
        thumbnail = try JPEGFile.encode(whole, quality: SlidePictures.quality)
        contours = try encoded(pictures.contours(polygons))
        visualization = try encoded(pictures.patches(selection.corners, side: geometry.sideLevel0))
        self.findings = try encoded(findings)
        notes = slide.notes + slide.levelNotes + [slide.colourNote, regionNote].compactMap { $0 }
    }

    /// From the mask's overview where that is large enough; small slides are read again, in more detail.
    private static func thumbnail(of slide: Slide, _ overview: Overview) throws -> RGBImage {
        let side = SlidePictures.longestSide
        let isLarge = max(overview.image.width, overview.image.height) >= side
        return isLarge ? overview.thumbnail(of: slide.size, longestSide: side) : try slide.thumbnail(longestSide: side)
    }
}

extension Slide {
    /// The whole slide with `longestSide` pixels on its longer side, or at full size where it is smaller.
    /// - Throws: `SlideError.corrupt` where too much of it cannot be decoded.
    public func thumbnail(longestSide: Int) throws -> RGBImage {
        try Overview(of: self, longest: longestSide).thumbnail(of: size, longestSide: longestSide)
    }

    /// The whole slide with about `longestSide` pixels on its longer side, or at full size where it is smaller, and the
    /// exact level-0 pixels to one pixel of it along both axes, for what is drawn over it.
    ///
    /// The last column and row may reach beyond the slide, unlike a thumbnail's, whose pixels are squeezed to fit.
    /// - Throws: `SlideError.corrupt` where too much of it cannot be decoded.
    public func picture(longestSide: Int) throws -> (image: RGBImage, downsampleX: Double, downsampleY: Double) {
        let overview = try Overview(of: self, longest: longestSide)
        let (columns, rows) = (overview.image.width, overview.image.height)
        let share = min(1, Double(longestSide) / Double(max(columns, rows)))
        let image = overview.image.resized(
            width: max(1, Int((Double(columns) * share).rounded())),
            height: max(1, Int((Double(rows) * share).rounded()))
        )
        let scale = overview.wholeScale
        return (image, scale * Double(columns) / Double(image.width), scale * Double(rows) / Double(image.height))
    }
}

extension Overview {
    fileprivate var wholeScale: Double { Pyramid.trueDownsample(scale, side: max(image.width, image.height)) }

    fileprivate func thumbnail(of slideSize: PixelSize, longestSide: Int) -> RGBImage {
        let longest = max(slideSize.width, slideSize.height)
        let side = min(longestSide, longest)
        return image.resized(
            width: max(1, slideSize.width * side / longest),
            height: max(1, slideSize.height * side / longest)
        )
    }
}
