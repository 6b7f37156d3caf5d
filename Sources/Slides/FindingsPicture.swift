import Imaging
import Records

/// What was left out of a slide and why, and what is doubtful about the rest, each reason in its own colour, with a legend.
struct FindingsPicture {
    private let pictures: SlidePictures
    private let side: Int
    private let maskScale: Double

    /// - Parameters:
    ///   - side: of a patch in level-0 pixels.
    ///   - maskScale: level-0 pixels per pixel of the mask.
    init(_ pictures: SlidePictures, _ side: Int, _ maskScale: Double) {
        (self.pictures, self.side, self.maskScale) = (pictures, side, maskScale)
    }

    /// - Parameter outside: tissue that the regions leave out.
    func drawn(_ selection: PatchSelection, _ artefacts: Artefacts?, outside: BinaryImage?) -> RGBImage {
        var picture = pictures.ground
        let blurredRows = selection.corners.indices.filter { selection.quality.focus[$0] < FocusMeter.blurred }
        mark(selection.corners, Colour.kept, opacity: 60, on: &picture)
        mark(blurredRows.map { selection.corners[$0] }, Colour.doubtful, opacity: 150, on: &picture)
        if let outside { paint(outside, Colour.outside, on: &picture) }
        if let artefacts { paint(artefacts.dark, Colour.dark, on: &picture) }
        mark(selection.inked, Colour.inked, opacity: 110, on: &picture)
        mark(selection.blurred, Colour.blurred, opacity: 170, on: &picture)
        if let artefacts { paint(artefacts.ink, Colour.ink, on: &picture) }

        let slide = selection.slide
        var legend = [Entry("KEPT: \(selection.corners.count) PATCHES", Colour.kept)]
        if !selection.inked.isEmpty {
            legend.append(Entry("LEFT OUT FOR INK: \(slide.excludedInk) PATCHES", Colour.inked))
        }
        if !selection.blurred.isEmpty {
            legend.append(Entry("LEFT OUT FOR FOCUS: \(slide.excludedFocus) PATCHES", Colour.blurred))
        }
        if outside != nil { legend.append(Entry("TISSUE OUTSIDE THE REGIONS", Colour.outside)) }
        if let ink = slide.ink { legend.append(Entry("PEN INK: \(Self.percent(ink)) OF THE TISSUE", Colour.ink)) }
        if let dark = slide.dark {
            legend.append(Entry("DARK TISSUE, FOLDS: \(Self.percent(dark)) OF IT", Colour.dark))
        }
        let doubtful =
            slide.focusMeasured == 0
            ? "FOCUS WAS NOT MEASURED"
            : "OUT OF FOCUS, KEPT: \(blurredRows.count) PATCHES (\(slide.focusMeasured) MEASURED)"
        legend.append(Entry(doubtful, Colour.doubtful))
        return Self.with(legend, below: picture)
    }

    private struct Entry {
        var text: String
        var colour: RGB

        init(_ text: String, _ colour: RGB) { (self.text, self.colour) = (text, colour) }
    }

    private enum Colour {
        static let kept = RGB(60, 170, 90)
        static let inked = RGB(230, 60, 190)
        static let ink = RGB(130, 0, 100)
        static let blurred = RGB(230, 100, 0)
        static let doubtful = RGB(250, 200, 0)
        static let dark = RGB(20, 90, 220)
        static let outside = RGB(130, 130, 130)
    }

    private func mark(_ corners: [PixelPoint], _ colour: RGB, opacity: Int, on picture: inout RGBImage) {
        for corner in corners {
            let rect = pictures.rect(of: corner, side: side)
            picture.fill(rect, colour, opacity: opacity)
            if rect.width >= 6 { picture.stroke(rect, colour) }
        }
    }

    /// Colours the picture's pixels whose middle lies on a one of the mask-scale image.
    private func paint(_ image: BinaryImage, _ colour: RGB, on picture: inout RGBImage) {
        guard image.bits.contains(1) else { return }
        func place(_ pixel: Int, _ pixels: Int, _ level0: Int) -> Int {
            Int((Double(pixel) + 0.5) * Double(level0) / Double(pixels) / maskScale)
        }
        let columns = (0..<picture.width).map { place($0, picture.width, pictures.slideSize.width) }
        for y in 0..<picture.height {
            let row = place(y, picture.height, pictures.slideSize.height)
            for (x, column) in columns.enumerated() where image[column, row] == 1 { picture[x, y] = colour }
        }
    }

    private static func with(_ legend: [Entry], below picture: RGBImage) -> RGBImage {
        let line = Lettering.height * dot + 8
        let swatch = Lettering.height * dot
        let widest = legend.map { Lettering.width($0.text, dot: dot) }.max() ?? 0
        let width = max(picture.width, swatch + 24 + widest)
        var sheet = RGBImage(width: width, height: picture.height + 16 + legend.count * line)
        sheet.place(picture, x: 0, y: 0)
        for (index, entry) in legend.enumerated() {
            let y = picture.height + 12 + index * line
            sheet.fill(PixelRect(x: 8, y: y, width: swatch, height: swatch), entry.colour)
            Lettering.draw(entry.text, x: swatch + 18, y: y, dot: dot, RGB(30, 30, 30), on: &sheet)
        }
        return sheet
    }

    private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

    private static let dot = 2
}
