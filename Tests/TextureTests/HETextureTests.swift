import Testing

@testable import Texture

struct HETextureTests {
    @Test func everyDimensionHasItsOwnName() {
        #expect(HETexture.names.count == HETexture.dimension)
        #expect(Set(HETexture.names).count == HETexture.dimension)
    }
}
