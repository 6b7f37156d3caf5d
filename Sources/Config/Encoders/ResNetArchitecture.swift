public import Records

/// A residual network (He et al. 2016, with the stride on the 3 × 3 convolution) as timm and torchvision build it, up to
/// the global average.
public struct ResNetArchitecture: Codable, Equatable, Sendable {
    public enum Block: String, ConfigChoice {
        /// Two 3 × 3 convolutions (ResNet-18 and -34).
        case basic
        /// 1 × 1, 3 × 3, 1 × 1 (ResNet-50 and deeper).
        case bottleneck

        /// Channels out per channel inside.
        public var expansion: Int { self == .basic ? 1 : 4 }
    }

    public let block: Block
    /// Blocks per stage. Four stages are the whole network; three are CLAM's truncated one, which averages `layer3`.
    public let layers: [Int]
    private let family: EncoderArchitecture.Family

    enum CodingKeys: String, CodingKey, CaseIterable { case family, block, layers }

    public init(block: Block, layers: [Int]) {
        (family, self.block, self.layers) = (.resnet, block, layers)
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        family = try reader.require(.family)
        block = try reader.require(.block)
        layers = try reader.require(.layers)
        try ConfigError.check(
            (1...4).contains(layers.count) && layers.allSatisfy((1...64).contains),
            reader.keyPath(.layers),
            "the number of blocks, 1 to 64, of one to four stages is wanted"
        )
    }

    /// Channels inside the blocks of a stage, from 0.
    public static func channels(stage: Int) -> Int { 64 << stage }

    public var dim: Int { Self.channels(stage: layers.count - 1) * block.expansion }
}
