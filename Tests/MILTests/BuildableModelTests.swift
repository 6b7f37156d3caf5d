import Config
import Foundation
import Records
import Testing

@testable import MIL

@Suite struct BuildableModelTests {
    /// The compiler does not know it: a section is of the room of configs, where there is no LibTorch.
    @Test(arguments: ModelConfig.Kind.allCases) func aModelIsBuiltFromTheSectionOfEveryKind(kind: ModelConfig.Kind)
        throws
    {
        let config = try JSONDecoder().decode(ModelConfig.self, from: Data(#"{"kind": "\#(kind.rawValue)"}"#.utf8))
        #expect(config.section is any BuildableModel)
        #expect(config.kind == kind)
    }
}
