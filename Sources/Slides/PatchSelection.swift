public import Config
import Foundation
import Imaging
import Records

/// Which of the patches on tissue are taken, how good they are, and why the others are not.
struct PatchSelection {
    /// Kept patches, row-major, and their quality.
    let corners: [PixelPoint]
    let quality: PatchQuality
    let inked: [PixelPoint]
    let blurred: [PixelPoint]
    let slide: SlideQuality

    /// - Parameter artefacts: nil on a dark background.
    init(
        of slide: Slide,
        _ planned: (corners: [PixelPoint], tissue: [Float]),
        _ geometry: PatchGeometry,
        mpp: Double,
        tissue mask: TissueMask,
        _ artefacts: Artefacts?,
        config: TilingConfig
    ) throws {
        let side = geometry.sideLevel0
        let patches = planned.corners.map { PixelRect(x: $0.x, y: $0.y, width: side, height: side) }
        let outside = patches.map { Float($0.shareOutside(slide.size)) }
        // Of what lies on the slide: half a patch of pure ink is pure ink.
        func shares(_ image: BinaryImage?) -> [Float]? {
            guard let image else { return nil }
            guard image.bits.contains(1) else { return Array(repeating: 0, count: patches.count) }
            let coverage = Coverage(of: image, scale: mask.scale)
            return patches.map { Float(min(max(coverage.fraction(of: $0.clipped(to: slide.size)), 0), 1)) }
        }
        let (ink, dark) = (shares(artefacts?.ink), shares(artefacts?.dark))
        let isInked = planned.corners.indices.map { row in
            if let ink, let limit = config.excludeInk { Double(ink[row]) > limit } else { false }
        }
        let clean = planned.corners.indices.filter { !isInked[$0] }
        let measured = try Self.focus(of: clean.map { planned.corners[$0] }, slide, geometry, mpp: mpp, config)
        // A patch whose focus cannot be told is no blurred one.
        let isBlurred = measured.map { focus in config.minFocus.map { Double(focus) < $0 } ?? false }
        let kept = clean.indices.filter { !isBlurred[$0] }
        let rows = kept.map { clean[$0] }

        corners = rows.map { planned.corners[$0] }
        quality = PatchQuality(
            tissue: rows.map { planned.tissue[$0] },
            ink: ink.map { ink in rows.map { ink[$0] } },
            dark: dark.map { dark in rows.map { dark[$0] } },
            focus: kept.map { measured[$0] },
            outside: rows.map { outside[$0] }
        )
        inked = planned.corners.indices.filter { isInked[$0] }.map { planned.corners[$0] }
        blurred = clean.indices.filter { isBlurred[$0] }.map { planned.corners[clean[$0]] }
        self.slide = SlideQuality(
            mask.facts,
            ink: ink.map { Self.share(ofInk: zip($0, outside).map { $0 * (1 - $1) }, planned.tissue) },
            dark: artefacts.map { Self.share(of: $0.dark, in: mask) },
            focus: measured.filter { !$0.isNaN },
            excluded: (inked.count, blurred.count)
        )
    }

    /// Why there are no patches on a mask with tissue; nil where there are some.
    func emptyReason(_ config: TilingConfig) -> String? {
        guard corners.isEmpty else { return nil }
        guard !inked.isEmpty || !blurred.isEmpty else {
            return "no \(config.edge == .drop ? "whole " : "")patch has at least \(config.minTissue) of tissue"
        }
        return "all patches are left out: \(inked.count) for ink, \(blurred.count) for focus"
    }

    private static func focus(
        of corners: [PixelPoint],
        _ slide: Slide,
        _ geometry: PatchGeometry,
        mpp: Double,
        _ config: TilingConfig
    ) throws -> [Float] {
        var focus = [Float](repeating: .nan, count: corners.count)
        // The measure's scale is that of stained tissue; nuclei that shine smoothly would be called blurred.
        guard config.mask.background == .bright, let meter = try FocusMeter(slide, geometry, mpp: mpp) else {
            return focus
        }
        if config.quality == .full || config.minFocus != nil { return try meter.focus(of: corners) }
        let sample = meter.sample(of: corners)
        for (row, value) in zip(sample, try meter.focus(of: sample.map { corners[$0] })) { focus[row] = value }
        return focus
    }

    /// Black ink hides tissue from the mask, so that ink counts as tissue here.
    /// - Parameter ink: shares of whole patches, as those of tissue are.
    private static func share(ofInk ink: [Float], _ tissue: [Float]) -> Double {
        let covered = zip(ink, tissue).reduce(0.0) { $0 + Double(max($1.0, $1.1)) }
        return covered > 0 ? ink.reduce(0.0) { $0 + Double($1) } / covered : 0
    }

    private static func share(of image: BinaryImage, in mask: TissueMask) -> Double {
        let tissue = mask.image.count
        return tissue > 0 ? Double(image.count) / Double(tissue) : 0
    }
}

extension TilingConfig {
    /// The limits by which patches are left out, as far as there are some, by their keys (`QualityColumn.excludedBy`).
    public var exclusions: [String: Double] {
        ["exclude_ink": excludeInk, "min_focus": minFocus].compactMapValues(\.self)
    }
}

extension SlideQuality {
    /// - Parameters:
    ///   - focus: of the patches that were measured.
    ///   - excluded: patches left out for ink and for focus.
    init(_ tissue: TissueFacts, ink: Double?, dark: Double?, focus: [Float], excluded: (ink: Int, focus: Int)) {
        self.init(
            tissueUM2: tissue.areaUM2.rounded(),
            ink: ink.map(Self.short),
            dark: dark.map(Self.short),
            focusMedian: focus.isEmpty ? nil : Self.short(Double(focus.sorted()[focus.count / 2])),
            focusMeasured: focus.count,
            excludedInk: excluded.ink,
            excludedFocus: excluded.focus
        )
        let blurred = focus.isEmpty ? 0 : Double(focus.count { $0 < FocusMeter.blurred }) / Double(focus.count)
        if let ink, ink >= 0.01 { flags.append("pen ink on \(Self.percent(ink)) of the tissue") }
        if let dark, dark >= 0.1 { flags.append("folds or other dark tissue on \(Self.percent(dark)) of it") }
        if blurred >= 0.1 { flags.append("out of focus in \(Self.percent(blurred)) of the patches measured") }
        if tissue.emptyReason == nil, tissue.areaUM2 < 1e6 {
            flags.append("little tissue, \(String(format: "%.2f", tissue.areaUM2 / 1e6)) mm²")
        }
    }

    private static func short(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
