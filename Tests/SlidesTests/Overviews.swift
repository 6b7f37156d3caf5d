import Imaging
import Records

@testable import Config
@testable import Slides

/// A picture at 8 µm per pixel of a slide whose level-0 pixels have 0.5 µm.
func overview(
    width: Int = 120,
    height: Int = 100,
    alpha: (Int, Int) -> UInt8 = { _, _ in 255 },
    _ colour: (Int, Int) -> RGB
) -> Overview {
    let places = (0..<(width * height)).map { ($0 % width, $0 / width) }
    let pixels = places.flatMap { x, y in
        let colour = colour(x, y)
        return [colour.red, colour.green, colour.blue]
    }
    return Overview(
        image: RGBImage(width: width, height: height, pixels: pixels),
        alpha: places.map(alpha),
        scale: 16
    )
}

extension TissueMask {
    init(_ overview: Overview, config: MaskConfig = MaskConfig()) {
        let size = PixelSize(width: overview.image.width * 16, height: overview.image.height * 16)
        self.init(overview, slideSize: size, mpp: 0.5, config)
    }
}

let glass = RGB(243, 242, 244)
let pink = RGB(225, 140, 185)
let purple = RGB(110, 60, 130)
