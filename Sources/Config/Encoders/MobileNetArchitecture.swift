import Records

/// MobileNetV2 (Sandler et al. 2018) of width 1 as torchvision builds it, up to the global average.
public struct MobileNetArchitecture: Codable, Equatable, Sendable {
    /// Inverted residual blocks of the same outputs: the paper's table 2.
    public struct Stage: Sendable {
        /// Hidden channels for each input channel.
        public let expansion: Int
        public let outputs: Int
        public let blocks: Int
        /// Of the first block.
        public let stride: Int
    }

    private let family: EncoderArchitecture.Family

    enum CodingKeys: String, CodingKey, CaseIterable { case family }

    public init() { family = .mobilenet }

    public init(from decoder: any Decoder) throws {
        family = try StrictReader(decoder, CodingKeys.self).require(.family)
    }

    /// Outputs of the first convolution, which halves the image.
    public static let stem = 32
    public static let stages = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ].map { Stage(expansion: $0, outputs: $1, blocks: $2, stride: $3) }

    public var dim: Int { 1280 }
}
