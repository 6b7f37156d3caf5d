/// A part of a pyramid level: its corner in level 0, its sides in the level, as OpenSlide names it.
struct LevelRect: CustomStringConvertible {
    var level: Int
    /// Top-left corner in level-0 pixels.
    var x: Int
    var y: Int
    /// In pixels of the level.
    var width: Int
    var height: Int

    var description: String { "\(width) × \(height) pixels of level \(level) at (\(x), \(y))" }
}
