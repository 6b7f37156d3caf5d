public import Foundation
public import Records

/// Where the tiles of slides come from; never from the server's own process.
public protocol SlideSource: Sendable {
    /// - Throws: `Failure` where the slide cannot be opened; `.busy` where it is on its way here.
    func pyramid(of slide: SlideID) async throws -> TilePyramid

    /// JPEG.
    /// - Throws: `Failure` where the tile cannot be cut.
    func tile(_ address: TileAddress, of slide: SlideID) async throws -> Data

    /// Small JPEG of a patch, its corner and side in level-0 pixels.
    /// - Throws: `Failure` where it cannot be cut.
    func patch(at corner: PixelPoint, side: Int, of slide: SlideID) async throws -> Data
}
