import Records

/// An ellipse with a wavy outline: nuclei, glands, foci and the tissue itself are made of it.
struct RadialShape: Sendable {
    var x: Float
    var y: Float
    /// Semi-axes in pixels.
    var along: Float
    var across: Float
    /// Direction of the first axis, a unit vector.
    var axisX: Float
    var axisY: Float
    /// Cosine and sine weights of the outline's second, third and fifth harmonic, as fractions of the radius.
    var second: (Float, Float) = (0, 0)
    var third: (Float, Float) = (0, 0)
    var fifth: (Float, Float) = (0, 0)

    /// - Parameter irregularity: greatest weight of a harmonic.
    init(x: Float, y: Float, along: Float, across: Float, irregularity: Float, _ random: inout CounterRandom) {
        let axis = random.direction()
        self.init(x: x, y: y, along: along, across: across, axis: axis)
        func harmonic(_ share: Float) -> (Float, Float) {
            let phase = random.direction()
            let weight = irregularity * share * random.between(0.3, 1)
            return (phase.x * weight, phase.y * weight)
        }
        second = harmonic(0.7)
        third = harmonic(1)
        fifth = harmonic(0.5)
    }

    init(x: Float, y: Float, along: Float, across: Float, axis: (x: Float, y: Float)) {
        self.x = x
        self.y = y
        self.along = along
        self.across = across
        axisX = axis.x
        axisY = axis.y
    }

    /// Distance from the centre relative to the outline in that direction: 0 in the centre, 1 on the outline.
    @inline(__always)
    func reach(_ pointX: Float, _ pointY: Float) -> Float {
        let dx = pointX - x
        let dy = pointY - y
        let u = (dx * axisX + dy * axisY) / along
        let v = (dy * axisX - dx * axisY) / across
        let radius = (u * u + v * v).squareRoot()
        guard radius > 1e-4 else { return 0 }
        return radius / outlineRadius(cosine: u / radius, sine: v / radius)
    }

    /// The outline's radius in a direction of the ellipse's own frame; 1 for an ellipse.
    @inline(__always)
    private func outlineRadius(cosine c: Float, sine s: Float) -> Float {
        let c2 = c * c - s * s
        let s2 = 2 * c * s
        let c3 = c * c2 - s * s2
        let s3 = s * c2 + c * s2
        let c5 = c2 * c3 - s2 * s3
        let s5 = s2 * c3 + c2 * s3
        return 1 + c2 * second.0 + s2 * second.1 + c3 * third.0 + s3 * third.1 + c5 * fifth.0 + s5 * fifth.1
    }

    /// No point of the shape is farther from its centre, in pixels.
    var extent: Float {
        func size(_ weights: (Float, Float)) -> Float { weights.0.magnitude + weights.1.magnitude }
        return max(along, across) * (1 + size(second) + size(third) + size(fifth))
    }

    /// 64 points of the outline, anticlockwise in a frame with y upwards, scaled by `scale`.
    func outline(scale: Float = 1) -> [(x: Float, y: Float)] {
        // cos and sin of a 64th turn; turning by multiplication keeps libm, which differs between machines, out.
        let step: (Double, Double) = (0.995184726672196886, 0.098017140329560602)
        var turn: (Double, Double) = (1, 0)
        return (0..<64).map { _ in
            let c = Float(turn.0)
            let s = Float(turn.1)
            turn = (turn.0 * step.0 - turn.1 * step.1, turn.0 * step.1 + turn.1 * step.0)
            let radius = scale * outlineRadius(cosine: c, sine: s)
            let u = c * radius * along
            let v = s * radius * across
            return (x + u * axisX - v * axisY, y + u * axisY + v * axisX)
        }
    }

    /// Area within the outline in square pixels (the shoelace formula over `outline`).
    var area: Float {
        let points = outline()
        var sum: Float = 0
        for index in points.indices {
            let a = points[index]
            let b = points[(index + 1) % points.count]
            sum += (a.x - x) * (b.y - y) - (b.x - x) * (a.y - y)
        }
        return sum.magnitude / 2
    }
}
