public import Config
import Imaging
public import Records

/// Tissue of a slide at about 8 µm per pixel.
public struct TissueMask: Sendable {
    /// In mask pixels; mask pixel (0, 0) is the corner of level 0.
    public let size: PixelSize
    /// Level-0 pixels per mask pixel, in both axes.
    public let scale: Double
    public let facts: TissueFacts
    let image: BinaryImage
    let slideSize: PixelSize

    public func isTissue(x: Int, y: Int) -> Bool { image[x, y] == 1 }
}

/// What the mask says about a slide, for quality control.
public struct TissueFacts: Codable, Equatable, Sendable {
    /// µm per mask pixel.
    public var maskMPP: Double
    /// Above this a pixel may be tissue: thousandths of optical density, see `StainSignal`; on a dark background brightness,
    /// 0 to 255.
    public var threshold: Int
    public var areaUM2: Double
    public var regions: Int
    /// Mean colour of the tissue, 0 to 255 each; nil without tissue.
    public var meanRGB: [Double]?
    /// Why there is no tissue; nil where there is some.
    public var emptyReason: String?

    enum CodingKeys: String, CodingKey {
        case maskMPP = "mask_mpp"
        case threshold
        case areaUM2 = "area_um2"
        case regions
        case meanRGB = "mean_rgb"
        case emptyReason = "empty_reason"
    }
}

extension TissueMask {
    /// Finds the tissue of an open slide.
    /// - Parameter mpp: µm per pixel of level 0.
    /// - Throws: `SlideError.corrupt` where too much of the slide cannot be decoded, `.darkBackground`.
    public init(of slide: Slide, mpp: Double, config: MaskConfig) throws {
        let overview = try Overview(of: slide, maskMPP: config.maskMPP, mpp: mpp)
        try SlideBackground.check(overview, config.background)
        self.init(overview, slideSize: slide.size, mpp: mpp, config)
    }

    /// Stain, on a dark background brightness, over the threshold; gaps closed; small regions dropped, then small holes filled. What was never
    /// scanned is no tissue at any step.
    init(_ overview: Overview, slideSize: PixelSize, mpp: Double, _ config: MaskConfig) {
        let maskMPP = overview.scale * mpp
        let pixelArea = maskMPP * maskMPP
        let isBright = config.background == .bright
        let (values, threshold) = isBright ? Self.stain(of: overview) : Self.brightness(of: overview)
        let size = PixelSize(width: overview.image.width, height: overview.image.height)
        var image = BinaryImage(
            width: size.width,
            height: size.height,
            bits: values.map { Int($0) > threshold ? 1 : 0 }
        )
        let signals = image.count
        image = image.closed(radius: Int((config.closeUM / 2 / maskMPP).rounded()))
        for at in image.bits.indices where overview.alpha[at] < 128 { image.bits[at] = 0 }
        image.clearDiagonalTouches()
        let tissue = ConnectedRegions(of: 1, in: image)
        let leastArea = config.minAreaUM2 / pixelArea
        tissue.paint(0, into: &image) { Double(tissue.regions[$0].area) < leastArea }
        Self.fillHoles(of: &image, under: config.minHoleUM2 / pixelArea, overview.alpha)

        self.size = size
        self.scale = overview.scale
        self.slideSize = slideSize
        self.image = image
        facts = TissueFacts(
            image,
            overview.image,
            maskMPP: maskMPP,
            threshold: threshold,
            emptyReason: image.bits.contains(1)
                ? nil
                : signals == 0
                    ? isBright
                        ? "no pixel absorbs light as stain does, more than \(Double(threshold) / 1000) of optical density"
                        : "no pixel has more brightness than \(threshold) of 255"
                    : "no \(isBright ? "stained" : "bright") region reaches \(config.minAreaUM2) µm²"
        )
    }

    private static func stain(of overview: Overview) -> (values: [Int16], threshold: Int) {
        let signal = StainSignal(overview)
        return (signal.values, signal.threshold)
    }

    /// The brightest channel, and the level over which it is tissue.
    private static func brightness(of overview: Overview) -> (values: [Int16], threshold: Int) {
        var histogram = [Int](repeating: 0, count: 256)
        let values = overview.alpha.indices.map { at -> Int16 in
            guard overview.alpha[at] >= 128 else { return 0 }
            let value = overview.image.pixels[(at * 3)..<(at * 3 + 3)].reduce(0, max)
            histogram[Int(value)] += 1
            return Int16(value)
        }
        return (values, SaturationThreshold(histogram: histogram).value)
    }

    private static func fillHoles(of image: inout BinaryImage, under area: Double, _ alpha: [UInt8]) {
        let gaps = ConnectedRegions(of: 0, in: image)
        var fills = gaps.regions.map { !$0.touchesBorder && Double($0.area) < area }
        for run in gaps.runs where fills[Int(run.region)] {
            let line = Int(run.row) * image.width
            if alpha[(line + Int(run.start))..<(line + Int(run.end))].contains(where: { $0 < 128 }) {
                fills[Int(run.region)] = false
            }
        }
        gaps.paint(1, into: &image) { fills[$0] }
    }

    /// The mask with another picture of the same size in its place.
    /// - Parameter reason: why there is nothing left, where there is nothing left.
    func replacing(_ image: BinaryImage, _ overview: Overview, orEmpty reason: String) -> TissueMask {
        TissueMask(
            size: size,
            scale: scale,
            facts: TissueFacts(
                image,
                overview.image,
                maskMPP: facts.maskMPP,
                threshold: facts.threshold,
                emptyReason: image.bits.contains(1) ? nil : reason
            ),
            image: image,
            slideSize: slideSize
        )
    }
}

extension TissueFacts {
    fileprivate init(
        _ image: BinaryImage,
        _ picture: RGBImage,
        maskMPP: Double,
        threshold: Int,
        emptyReason: String?
    ) {
        var sums = [0, 0, 0]
        var count = 0
        for at in image.bits.indices where image.bits[at] == 1 {
            for channel in 0..<3 { sums[channel] += Int(picture.pixels[at * 3 + channel]) }
            count += 1
        }
        self.init(
            maskMPP: maskMPP,
            threshold: threshold,
            areaUM2: Double(count) * maskMPP * maskMPP,
            regions: ConnectedRegions(of: 1, in: image).regions.count,
            meanRGB: count > 0 ? sums.map { Double($0) / Double(count) } : nil,
            emptyReason: emptyReason
        )
    }
}
